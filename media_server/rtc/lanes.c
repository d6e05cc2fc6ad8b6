/*
 * The common case of forwarding, for all slots of a source in one call: number the packet on in each slot's stream, lay
 * it out and encrypt it where it will be sent from. Whatever is not common (a talk spurt that begins, a late packet, a
 * connection that is not up) is left to Python, whose `Rewriter` says what is right here, too.
 *
 * No system call, no allocation, nothing kept. Compiled by infra/native; without it Python does the same.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "lanes.h"

enum { CLOCK_RATE = 48000, FIXED_HEADER = 12, VERSION = 0x80, EXTENDED = 0x10 };

/* libsrtp's srtp_protect: encrypts in place, and sets the length; 0 if it could. */
typedef int protect_function(void *session, void *packet, int *length);

static protect_function *protect;
static uint32_t max_dropout;
static uint32_t max_drift;

void lanes_use(void *protect_address, uint32_t dropout, uint32_t drift_samples)
{
    protect = (protect_function *)protect_address;
    max_dropout = dropout;
    max_drift = drift_samples;
}

static void put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, (uint16_t)(value >> 16));
    put16(at + 2, (uint16_t)value);
}

/* Whether the packet is the source's next one, or follows a hole. */
static int goes_on(const struct stream *stream, int64_t source, uint16_t number, uint32_t timestamp, double now)
{
    if (source == 0 || stream->source != source)
        return 0;
    uint16_t ahead = (uint16_t)(number - stream->newest);
    uint32_t clock = stream->origin + (uint32_t)(uint64_t)(now * CLOCK_RATE);
    uint32_t drift = timestamp + stream->time_offset - clock;
    return ahead > 0 && ahead < max_dropout && drift + max_drift <= 2 * max_drift;
}

static void advance(struct stream *stream, uint16_t number, uint32_t timestamp, const uint8_t *payload, int size,
                    double now)
{
    uint16_t ahead = (uint16_t)(number - stream->newest);
    stream->advanced += ahead;
    stream->newest = number;
    stream->newest_at = stream->timestamp_at = now;
    stream->sequence_number = (uint16_t)(stream->sequence_number + ahead);
    stream->timestamp = timestamp + stream->time_offset;
    stream->size = (uint16_t)size;
    stream->head[0] = payload[0];
    stream->head[1] = size > 1 ? payload[1] : 0;
}

/* Write and encrypt the packet behind those that wait; whether it could be. */
static int add(struct lane *lane, const uint8_t *payload, int size)
{
    struct route *route = lane->route;
    struct batch *batch = route->batch;
    uint8_t *packet = batch->bytes + (size_t)batch->count * (size_t)batch->stride;
    packet[0] = lane->extension_size ? VERSION | EXTENDED : VERSION;
    packet[1] = lane->payload_type;
    put16(packet + 2, lane->stream.sequence_number);
    put32(packet + 4, lane->stream.timestamp);
    put32(packet + 8, lane->ssrc);
    memcpy(packet + FIXED_HEADER, lane->extension, lane->extension_size);
    memcpy(packet + FIXED_HEADER + lane->extension_size, payload, (size_t)size);
    int length = FIXED_HEADER + lane->extension_size + size;
    if (protect(route->session, packet, &length) != 0)
        return 0;
    batch->messages[batch->count].msg_hdr.msg_iov->iov_len = (size_t)length;
    memcpy(batch->addresses + (size_t)batch->count * (size_t)batch->address_size, route->address,
           (size_t)batch->address_size);
    batch->count++;
    return 1;
}

/*
 * Send one packet of a source to the lanes from `at` on. Returns where it stopped: `fan->count`, or the lane whose
 * batch is full and has to be sent first.
 */
int fan_out(struct fan *fan, int at, int64_t source, uint16_t number, uint32_t timestamp, const uint8_t *payload,
            int size, double now)
{
    for (; at < fan->count; at++) {
        struct lane *lane = fan->lanes[at];
        struct route *route = lane->route;
        if (route == NULL || route->session == NULL || route->batch == NULL || size < 1
            || FIXED_HEADER + lane->extension_size + size > route->batch->longest
            || !goes_on(&lane->stream, source, number, timestamp, now)) {
            fan->refused[fan->refused_count++] = at;
            continue;
        }
        if (route->batch->count == route->batch->capacity)
            return at;
        advance(&lane->stream, number, timestamp, payload, size, now);
        if (add(lane, payload, size)) {
            lane->packets++;
            lane->octets += (uint64_t)size;
        } else {
            fan->failed++;
        }
    }
    return at;
}
