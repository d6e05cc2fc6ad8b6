/* What Python and lanes.c share. cffi reads this file too, so there is no preprocessor's line in it. */

/* One slot's numbering (rewriter.py). */
struct stream {
    int64_t source;           /* whose packets may go on in it; 0: nobody's, the next one begins a talk spurt */
    double newest_at;         /* when the newest packet went out, in seconds of a steady clock */
    double timestamp_at;      /* when the newest timestamp was due */
    uint32_t origin;          /* added to the clock, in samples, to make a timestamp */
    uint32_t timestamp;       /* of the newest packet as it went out */
    uint32_t time_offset;     /* added to the source's timestamps */
    uint32_t advanced;        /* how far the spurt has come, in sequence numbers */
    uint16_t newest;          /* sequence number of the source's newest packet */
    uint16_t sequence_number; /* of the newest packet as it went out */
    uint16_t size;            /* bytes of the newest payload, and the first of them */
    uint8_t head[2];
};

/* The datagrams that leave with one system call (batch.py). */
struct batch {
    int32_t count;            /* how many wait */
    int32_t capacity;
    int32_t stride;           /* bytes from one datagram's place to the next one's */
    int32_t longest;          /* bytes of the longest packet that is taken */
    uint8_t *bytes;
    uint8_t *addresses;       /* `address_size` bytes each */
    int32_t address_size;
    struct mmsghdr *messages;
};

/* One connection's way out (privates.py). */
struct route {
    void *session;            /* its outgoing SRTP session; NULL: nothing can be sent */
    struct batch *batch;      /* NULL: there is no address yet */
    uint8_t address[28];
};

/* One slot (outlet.py). */
struct lane {
    struct stream stream;
    struct route *route;      /* NULL: Python sends for it */
    uint64_t octets;          /* of payload that went out, and the packets it was in */
    uint64_t packets;
    uint32_t ssrc;
    uint8_t payload_type;
    uint8_t extension_size;
    uint8_t extension[24];
};

/* The slots that one source's packets go to (fan.py). */
struct fan {
    struct lane **lanes;
    int32_t count;
    int32_t failed;           /* packets that could not be encrypted */
    int32_t refused_count;    /* lanes whose packet Python must send, by their index */
    int32_t *refused;
};
