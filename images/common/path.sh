# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# path.sh: lets a user who is not root find mke2fs, depmod and their like. Sourced by every program that needs them.
export PATH=$PATH:/usr/sbin:/sbin
