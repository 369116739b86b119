"""Why a program ended, in one line."""

from pathlib import Path

from devstack.exit_reasons import exit_text, failure, last_words

LOG = Path("/data/logs/kafka.log")


def test_a_java_stack_trace_is_summed_up_by_what_failed() -> None:
    tail = [
        "[main] ERROR kafka.Kafka$ - Exiting Kafka due to fatal exception",
        "java.net.BindException: Address already in use",
        "\tat kafka.Kafka$.main(Kafka.scala:99)",
        "\t... 7 more",
    ]

    assert last_words(tail) == "java.net.BindException: Address already in use"


def test_a_json_line_is_made_readable() -> None:
    assert last_words(['{"message": "no database", "log.level": "ERROR"}']) == "ERROR no database"


def test_silence_leaves_the_exit_code() -> None:
    text = str(failure("kafka", 3, [], LOG))

    assert (
        text == "kafka could not start: it ended with exit code 3 (its log: /data/logs/kafka.log)"
    )


def test_signals_are_named() -> None:
    assert exit_text(-9) == "was ended by SIGKILL"
