"""What can be set in the pipeline, with units and defaults."""

import re
from dataclasses import dataclass, field
from typing import Literal

MEMORY = "memory"
"""The bus within this process."""
KAFKA_SCHEME = "kafka://"

StageCommand = Literal["stt", "translation", "tts"]
"""The three stages, as they are called on the command line."""

# Brokers as Kafka's own tools take them; a host is a name, an IPv4 address, or an IPv6 address in brackets.
_BROKER = r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):\d{1,5}"
_KAFKA_URL = re.compile(rf"kafka://({_BROKER}(,{_BROKER})*)?")


@dataclass(frozen=True)
class BusSettings:
    """Sizes of the memory bus. Counts of records."""

    # Kept per partition for those who come later, or come again; the oldest goes first.
    retained: int = 1_000
    # Seconds for which what every group is done with is kept at all: sound is large, and nobody wants it any more.
    retained_s: float = 60.0
    # Published but not yet taken by a group that has members, per partition; when full, publishing waits.
    queue: int = 500
    # Waiting for one subscriber; when full, its oldest is dropped.
    subscriber_queue: int = 1_000
    # Keys of a compacted topic; when full, the one that changed longest ago is forgotten.
    compacted_keys: int = 1_000

    def __post_init__(self) -> None:
        if not 0 < self.queue <= self.retained:
            raise ValueError(f"queue ({self.queue}) must be between 1 and retained ({self.retained})")


@dataclass(frozen=True)
class KafkaSettings:
    """A Kafka cluster: where it is, how it knows us, and how much of it we hold in memory."""

    # host:port of one or more brokers, separated by commas; the rest of the cluster is learned from them.
    bootstrap_servers: str = ""
    # TLS is in SSL and SASL_SSL, a user and a password in SASL_PLAINTEXT and SASL_SSL.
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    sasl_username: str = ""
    sasl_password: str = field(default="", repr=False)
    # PEM files: whom to trust (empty: as the system does), and who we are where the broker asks for it.
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    # Put before the name of every topic and group: several Parleys on one cluster.
    prefix: str = ""
    # Partitions of each of the four topics between the stages: the most workers of one kind that can share the load.
    partitions: int = 12
    # Copies of each partition that `parley topics create` asks for.
    replication: int = 1
    # Seconds that opening waits for the cluster, and closing for each of its readers and writers.
    open_limit_s: float = 10.0
    close_limit_s: float = 2.0
    # Seconds after which `publish` gives up, and that a record may lie here before it is on its way.
    publish_limit_s: float = 1.0
    # Seconds for one request: what is on its way to a broker that hangs is known to be lost only then.
    request_limit_s: float = 3.0
    # Seconds after which the group takes a silent member's partitions away, and between signs of life.
    session_s: float = 6.0
    heartbeat_s: float = 0.5
    # Seconds for which commits are collected before they are sent.
    commit_every_s: float = 0.2
    # Taken from the broker and not yet by the worker, of one partition; when full, the partition is paused.
    work_queue: int = 200
    # Waiting for one subscriber; when full, its oldest is dropped.
    subscriber_queue: int = 1_000

    def __post_init__(self) -> None:
        if self.security_protocol.startswith("SASL") and not self.sasl_username:
            raise ValueError(f"security_protocol {self.security_protocol} needs sasl_username and sasl_password")
        if bool(self.cert_file) != bool(self.key_file):
            raise ValueError("cert_file and key_file go together")
        if self.partitions < 1 or self.replication < 1:
            raise ValueError("partitions and replication must be at least 1")


@dataclass(frozen=True)
class WorkerSettings:
    """How a worker goes through its records."""

    # Keys that are worked on at once.
    max_in_flight: int = 100
    # Records waiting in the worker, for one key and in all; when full, no more are taken from the bus.
    queue_per_key: int = 300
    queue: int = 5_000
    # Seconds for one record, retries included; after that it is a dead letter.
    record_limit_s: float = 20.0
    # Tries of one record, the first included, and the seconds between them: a random time below first, 2 * first,
    # 4 * first ... up to most.
    attempts: int = 5
    retry_first_s: float = 0.1
    retry_most_s: float = 2.0
    # Seconds between looks at what is due without a record having come.
    tick_s: float = 0.25
    # Seconds that what is in work may still take when the worker closes.
    drain_s: float = 2.0
    # Seconds between two reports of an unchanged status.
    status_every_s: float = 2.0
    # After so many failures in a row the worker calls itself unhealthy, for so many seconds from the last one.
    sick_after: int = 3
    sick_for_s: float = 10.0
    # What a dead letter may hold of the original records, compressed, in bytes. A broker takes 1 MB at most by default.
    letter_bytes: int = 900_000
    # This program's version, for the dead letters; empty: the one that is installed.
    version: str = ""


@dataclass(frozen=True)
class ClauseSettings:
    """Where an utterance's words are cut into clauses. Milliseconds of sound, and counts of words.

    The first four are for engines that give no punctuation, the others for those that do.
    """

    # A pause between two words at which a clause ends, if it has at least so many words.
    gap_ms: int = 200
    least_words: int = 3
    # Words that span more than this are cut at their largest pause, however small.
    span_ms: int = 7_000
    # A word is stable once it has stayed the same while so much sound was heard, where the engine does not say.
    stable_ms: int = 300
    # Characters that a clause has at least before it ends at a comma or a full stop; letters of Chinese, Japanese and
    # Korean count twice.
    least_characters: int = 20
    # A clause that would be longer is cut between two words. A single longer word stays whole.
    most_characters: int = 120


@dataclass(frozen=True)
class RecognitionSettings:
    """The recognition stage."""

    clauses: ClauseSettings = field(default_factory=ClauseSettings)
    # Time between two interim Transcripts of one utterance, at least.
    interim_every_ms: int = 200
    # After a speculation nothing is cut while so much sound is heard: until then the end may still be confirmed, and
    # it must be the same clause. At least the segmenter's longest silence threshold less its first look.
    speculation_hold_ms: int = 600
    # An utterance without a chunk for so long is closed.
    gap_ms: int = 3_000
    # An utterance with more sound than this is closed; the segmenter cuts long before.
    longest_ms: int = 30_000
    # Utterances heard at once; more are refused with a tombstone.
    open_utterances: int = 200
    # A retry begins no later than this after the sound it is about.
    retry_for_ms: int = 10_000
    # An utterance whose first sound is older than this is not listened to: its captions would be too old as well.
    expire_ms: int = 60_000
    # Utterances of which is remembered what other workers published, when their partitions come here.
    recalled: int = 4_000
    # Rooms whose glossaries are remembered, and the terms of one that an engine is asked to listen for.
    rooms: int = 1_000
    hints: int = 50


@dataclass(frozen=True)
class TranslationSettings:
    """The translation stage."""

    # Committed clauses of the same speaker that an engine is shown with a new one.
    context: int = 3
    # A retry begins no later than this after the end of the clause's sound.
    retry_for_ms: int = 6_000
    # Text older than this is not translated any more.
    expire_ms: int = 60_000
    # Seconds that an engine may take for one language. The speaker's next clause waits for all languages of this one,
    # and each voice must start within the synthesis' deadline, so this is well below it.
    answer_limit_s: float = 3.0
    # Speakers, and clauses, that are remembered.
    speakers: int = 1_000
    clauses: int = 2_000
    # Rooms whose glossaries and phrases are remembered; of each so many phrases of so many characters at most, which
    # are not translated again. 0 characters: every phrase is.
    rooms: int = 1_000
    phrases: int = 200
    phrase_characters: int = 40


@dataclass(frozen=True)
class SynthesisSettings:
    """The synthesis stage."""

    # A voice starts at most so long after the end of its clause's sound.
    deadline_ms: int = 5_000
    # Packets of 20 ms in the first record of a clause, and at most in later ones.
    first_packets: int = 2
    packets: int = 10
    # A later record that is not full goes out once its first packet is this old.
    flush_ms: int = 20
    # The voice hurries where sound still waits to be played: from 1.0 at `easy_ms` on to `fastest` at `busy_ms`.
    easy_ms: int = 1_000
    busy_ms: int = 4_000
    fastest: float = 1.25
    # Clauses that are remembered, and those whose packets are (a clause of 5 s is about 20 kB).
    clauses: int = 2_000
    sounds: int = 128
    # Speakers whose own voice may be used, with their consent, and is remembered (some 200 kB each).
    voices: int = 100


@dataclass(frozen=True)
class PipelineSettings:
    """All of the pipeline's."""

    # Where messages travel: `memory` (within this process), or kafka://host:port, with more brokers behind commas, or
    # plain kafka:// for those in `kafka.bootstrap_servers`.
    bus_url: str = MEMORY
    # Stages that `parley serve` runs inside when the bus is Kafka; on the memory bus it always runs all three.
    workers: tuple[StageCommand, ...] = ()
    bus: BusSettings = field(default_factory=BusSettings)
    kafka: KafkaSettings = field(default_factory=KafkaSettings)
    worker: WorkerSettings = field(default_factory=WorkerSettings)
    recognition: RecognitionSettings = field(default_factory=RecognitionSettings)
    translation: TranslationSettings = field(default_factory=TranslationSettings)
    synthesis: SynthesisSettings = field(default_factory=SynthesisSettings)

    def __post_init__(self) -> None:
        if self.bus_url != MEMORY and not _KAFKA_URL.fullmatch(self.bus_url):
            said = f"bus_url is {self.bus_url!r}"
            raise ValueError(f"{said}, but it must be memory, or like kafka://host:9092,other:9092")
        if self.bus_url == KAFKA_SCHEME and not self.kafka.bootstrap_servers:
            raise ValueError("bus_url is kafka://, but kafka.bootstrap_servers says no broker")
        if self.bus_url == MEMORY and self.kafka.bootstrap_servers:
            raise ValueError("kafka.bootstrap_servers is set, but bus_url is memory; kafka:// takes them")
