/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mkclip: a video clip to encode, the same bytes on every machine.
 *
 *   mkclip [--frames N] [--seed S] >clip.y4m
 *
 * CIF (352 by 288), 4:2:0, 25 frames a second. A textured background pans, discs and boxes with
 * their own textures bounce across it, and each frame has noise: the encoder has motion to search
 * for, edges, and detail that motion does not explain. All arithmetic is on integers.
 */
#include <argp.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define WIDTH 352
#define HEIGHT 288
#define TILE 512 /* side of the texture, which repeats: a power of two */
#define SHAPES 9

struct options {
    unsigned long frames;
    unsigned long seed;
};

struct shape {
    bool disc;
    int size; /* side, or twice the radius */
    int x, y; /* position in frame 0 */
    int step_x, step_y;
    int luma, u, v;
};

struct clip {
    uint32_t seed;
    uint8_t tile[TILE][TILE];
    struct shape shapes[SHAPES];
    uint8_t luma[HEIGHT][WIDTH];
    uint8_t u[HEIGHT / 2][WIDTH / 2];
    uint8_t v[HEIGHT / 2][WIDTH / 2];
};

/* Mixes the bits of n: the finalizer of MurmurHash3. */
static uint32_t mix(uint32_t n)
{
    n ^= n >> 16;
    n *= UINT32_C(0x85ebca6b);
    n ^= n >> 13;
    n *= UINT32_C(0xc2b2ae35);
    return n ^ n >> 16;
}

static uint32_t hash(uint32_t seed, uint32_t a, uint32_t b)
{
    return mix(seed ^ mix(a ^ mix(b + UINT32_C(0x9e3779b9))));
}

static uint8_t clamp(int value)
{
    return (uint8_t)(value < 16 ? 16 : value > 235 ? 235 : value);
}

/* Value noise, 0 to 255: random values on a grid of 2^shift pixels, interpolated bilinearly. */
static int value_noise(uint32_t seed, int x, int y, int shift)
{
    uint32_t cells = TILE >> shift, gx = (uint32_t)x >> shift, gy = (uint32_t)y >> shift;
    int side = 1 << shift, fx = x & (side - 1), fy = y & (side - 1);
    int corner[2][2];

    for (uint32_t i = 0; i < 2; i++)
        for (uint32_t j = 0; j < 2; j++)
            corner[i][j] =
                (int)(hash(seed + (uint32_t)shift, (gx + j) % cells, (gy + i) % cells) & 255);
    int top = corner[0][0] * (side - fx) + corner[0][1] * fx;
    int bottom = corner[1][0] * (side - fx) + corner[1][1] * fx;
    return (top * (side - fy) + bottom * fy) >> (2 * shift);
}

static void make_tile(struct clip *clip)
{
    for (int y = 0; y < TILE; y++)
        for (int x = 0; x < TILE; x++)
            clip->tile[y][x] = (uint8_t)((value_noise(clip->seed, x, y, 6) * 4 +
                                          value_noise(clip->seed, x, y, 4) * 2 +
                                          value_noise(clip->seed, x, y, 2)) /
                                         7);
}

static int pick(uint32_t *state, int from, int to)
{
    *state = mix(*state + UINT32_C(0x9e3779b9));
    return from + (int)(*state % (uint32_t)(to - from + 1));
}

static void make_shapes(struct clip *clip)
{
    uint32_t state = clip->seed;

    for (int i = 0; i < SHAPES; i++) {
        struct shape *shape = &clip->shapes[i];
        shape->disc = i % 2 == 0;
        shape->size = pick(&state, 24, 88);
        shape->x = pick(&state, 0, WIDTH - shape->size);
        shape->y = pick(&state, 0, HEIGHT - shape->size);
        shape->step_x = pick(&state, -7, 7);
        shape->step_y = pick(&state, -5, 5);
        shape->luma = pick(&state, 0, 120);
        shape->u = pick(&state, 64, 192);
        shape->v = pick(&state, 64, 192);
    }
}

/* A position that moves by step each frame and bounces between 0 and limit. */
static int bounce(int start, int step, int frame, int limit)
{
    int period = 2 * limit, at = (start + step * frame) % period;

    if (at < 0)
        at += period;
    return at > limit ? period - at : at;
}

static bool covers(const struct shape *shape, int x, int y)
{
    int radius = shape->size / 2, dx = x - radius, dy = y - radius;

    return !shape->disc || dx * dx + dy * dy <= radius * radius;
}

static void draw_background(struct clip *clip, int frame)
{
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            clip->luma[y][x] = clip->tile[(y + frame) % TILE][(x + 2 * frame) % TILE];
    for (int y = 0; y < HEIGHT / 2; y++) {
        for (int x = 0; x < WIDTH / 2; x++) {
            clip->u[y][x] =
                clamp(96 + clip->tile[(y + frame / 2 + 100) % TILE][(x + frame) % TILE] / 4);
            clip->v[y][x] =
                clamp(160 - clip->tile[(y + frame / 2) % TILE][(x + frame + 200) % TILE] / 4);
        }
    }
}

static void draw_shape(struct clip *clip, const struct shape *shape, int frame)
{
    int left = bounce(shape->x, shape->step_x, frame, WIDTH - shape->size);
    int top = bounce(shape->y, shape->step_y, frame, HEIGHT - shape->size);

    for (int y = 0; y < shape->size; y++) {
        for (int x = 0; x < shape->size; x++) {
            if (!covers(shape, x, y))
                continue;
            int texture = clip->tile[y * 3 % TILE][(x * 3 + shape->luma) % TILE];
            clip->luma[top + y][left + x] = clamp(shape->luma + texture / 2);
            clip->u[(top + y) / 2][(left + x) / 2] = (uint8_t)shape->u;
            clip->v[(top + y) / 2][(left + x) / 2] = (uint8_t)shape->v;
        }
    }
}

static void draw_noise(struct clip *clip, int frame)
{
    uint32_t seed = hash(clip->seed, (uint32_t)frame, 1);

    for (uint32_t y = 0; y < HEIGHT; y++)
        for (uint32_t x = 0; x < WIDTH; x++)
            clip->luma[y][x] = clamp(clip->luma[y][x] + (int)(mix(seed + y * WIDTH + x) & 7) - 3);
}

static bool write_frame(const struct clip *clip)
{
    return fputs("FRAME\n", stdout) >= 0 &&
           fwrite(clip->luma, sizeof(clip->luma), 1, stdout) == 1 &&
           fwrite(clip->u, sizeof(clip->u), 1, stdout) == 1 &&
           fwrite(clip->v, sizeof(clip->v), 1, stdout) == 1;
}

static error_t parse_option(int key, char *arg, struct argp_state *parser)
{
    struct options *options = parser->input;
    char *end;

    if (key != 'f' && key != 's')
        return ARGP_ERR_UNKNOWN;
    errno = 0;
    unsigned long value = strtoul(arg, &end, 10);
    if (errno || *end || end == arg || *arg == '-' || value > 100000)
        argp_error(parser, "a whole number up to 100000 is wanted, not `%s`", arg);
    *(key == 'f' ? &options->frames : &options->seed) = value;
    return 0;
}

int main(int argc, char **argv)
{
    static const struct argp_option accepted[] = {
        {"frames", 'f', "N", 0, "how many frames (50)", 0},
        {"seed", 's', "S", 0, "another clip for each seed (1)", 0},
        {0},
    };
    static const struct argp argp = {accepted, parse_option, NULL, "Writes a y4m clip to stdout.",
                                     NULL,     NULL,         NULL};
    struct clip clip; /* 400 kB: fits the stack */
    struct options options = {.frames = 50, .seed = 1};
    argp_parse(&argp, argc, argv, 0, NULL, &options);

    clip.seed = mix((uint32_t)options.seed);
    make_tile(&clip);
    make_shapes(&clip);
    bool written = printf("YUV4MPEG2 W%d H%d F25:1 Ip A12:11 C420jpeg\n", WIDTH, HEIGHT) > 0;
    for (unsigned long i = 0; i < options.frames && written; i++) {
        draw_background(&clip, (int)i);
        for (int s = 0; s < SHAPES; s++)
            draw_shape(&clip, &clip.shapes[s], (int)i);
        draw_noise(&clip, (int)i);
        written = write_frame(&clip);
    }
    if (!written || fflush(stdout) != 0) {
        perror("mkclip: cannot write the clip");
        return 1;
    }
    return 0;
}
