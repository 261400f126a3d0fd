/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The style of pages and charts.
 */
#ifndef XB_REPORT_STYLE_H
#define XB_REPORT_STYLE_H

extern const char xb_report_style[];

#endif
