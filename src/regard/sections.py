"""The sections of a config that name no part: each a frozen dataclass whose fields are its options."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from regard.build import Amount, Count, Range, Share, Size
from regard.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class Data:
    """Where the examples come from. Paths are relative to the file that names them.

    Options:
        train: one file of pairs (.tsv, .csv, .jsonl, each also .gz) or of what the task reads, or two aligned
            text files, source first; a third text file may hold their word alignments
        valid: the same, for validation; left empty, a share of the training pairs is held out
        holdout: the share that is held out if there is no validation file
        source: the column or key that holds the source, in files with named columns
        target: the column or key that holds the target
        question: the column or key that holds the question, where a passage is the source and an answer the target
        align: the column or key that holds word alignments such as "0-0 1-2"; left empty, none are read
        longest: pairs with more tokens than this on either side are left out of training, and counted
        long: what becomes of longer sources, which are counted: leave_out of training, not of use; truncate; window,
            the parts of a passage one by one; error
        join: neighbouring pairs are joined to sources of all lengths up to so many words; 0 leaves them as they are
    """

    train: str | list[str]
    valid: str | list[str] = ""
    holdout: Share = 0.02
    source: str = "source"
    target: str = "target"
    question: str = "question"
    align: str = ""
    longest: Size = 150
    long: Literal["leave_out", "truncate", "window", "error"] = "leave_out"
    join: Count = 0


@dataclass(frozen=True, kw_only=True)
class Picture:
    """How pictures are seen. A task that reads text takes no notice of it.

    Options:
        side: pixels; the whole of a picture is scaled to side x side
        grid: regions in each row and column, to each of which attention gives a weight
        flip: in training, every other picture is mirrored at random; only where pixels are learnt from
        crop: in training, up to this share of each side is cut off at random; only where pixels are learnt from
        shift: in training, moved by up to so many pixels along each side, at random; what comes in is black
        colours: three bytes a pixel, red, green and blue; without them one, grey
        cache: folder for what is made of pictures once and used by every run; left empty, that of the user's caches
    """

    side: Annotated[int, Range(8, 2048)] = 224
    grid: Size = 7
    flip: bool = False
    crop: Annotated[float, Range(0, 0.9)] = 0.0
    shift: Count = 0
    colours: bool = True
    cache: str = ""

    def __post_init__(self) -> None:
        """ConfigError for more regions than pixels."""
        if self.grid > self.side // 2:
            raise ConfigError(f"[picture] grid is {self.grid} and side {self.side}; a region has at least two pixels.")
        if self.shift >= self.side:
            raise ConfigError(f"[picture] shift is {self.shift} and side {self.side}; some of it must stay in sight.")

    @property
    def places(self) -> int:
        """How many regions there are."""
        return self.grid * self.grid

    @property
    def channels(self) -> int:
        """Bytes of a pixel."""
        return 3 if self.colours else 1


@dataclass(frozen=True, kw_only=True)
class Embedding:
    """The vectors of the tokens.

    Options:
        size: of each vector
        shared: source and target have one vocabulary and one table
        tied: the output layer uses the target's table
        dropout: share of the vectors' entries that is dropped in training
    """

    size: Size = 256
    shared: bool = True
    tied: bool = True
    dropout: Share = 0.2


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How often the memory is read.

    Options:
        hops: reads of the memory for each query, each with weights of its own, where the last read moves the
            query of the next: q' = q + H context (Sukhbaatar et al., 2015)
    """

    hops: Size = 1


@dataclass(frozen=True, kw_only=True)
class Train:
    """How the weights are found.

    Options:
        start: folder of a trained model to begin with, whose config says what is left unsaid of the model
        steps: updates of the weights; 0 takes as many as `epochs` need
        epochs: passes over the training pairs, if `steps` is 0
        least: at least so many steps, if `steps` is 0, however few the pairs
        batch: padded tokens (the longer side) in one step
        parts: pieces that a step's batch is worked off in, to save memory; as many for each worker
        rate: highest learning rate of AdamW
        schedule: how the rate falls after the warm-up
        warmup: share of the steps in which the rate rises
        decay: weight decay
        clip: the gradient's norm is cut to this; 0 never
        ema: weights are averaged over about 1 / (1 - ema) steps for validation and use; 0 uses them as they are
        validate: steps between two validations; 0 takes a twentieth of all steps
        save: steps between two savings of the run, besides one after each validation; 0 saves only then
        stop_on: the validation score that decides which weights are best, and when to stop early: loss, or a metric
            of the task; left empty, its first
        patience: stop after so many validations without a better score; 0 never
        watch: validation pairs whose attention is kept at each validation, to be played as a film; 0 keeps none
        skip: stop after so many steps in a row without a finite loss and gradient
        threads: of the processor, for all workers together; 0 takes all
        workers: processes that share each step's batch, on a processor; 0 takes as many as help
        device: cpu, cuda, or auto
        precision: of matrix products in training, whose weights stay in fp32; auto takes bf16 where it is faster
        kernels: fused for speed; reference is the plain way to the same results
    """

    start: str = ""
    steps: Count = 0
    epochs: Size = 15
    least: Count = 1000
    batch: Size = 2400
    parts: Size = 1
    rate: Amount = 2e-3
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    warmup: Share = 0.05
    decay: Amount = 0.01
    clip: Amount = 1.0
    ema: Share = 0.999
    validate: Count = 0
    save: Count = 0
    stop_on: str = ""
    patience: Count = 0
    watch: Count = 4
    skip: Size = 20
    threads: Count = 0
    workers: Count = 0
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    kernels: Literal["fused", "reference"] = "fused"


@dataclass(frozen=True, kw_only=True)
class Decode:
    """How an output is searched for; `docs/search.md` has the formulas.

    Options:
        beam: hypotheses that are followed at once; 1 is greedy
        normalise: what a log probability is divided by; average takes length ** `length_penalty`,
            gnmt takes ((5 + length) / 6) ** `length_penalty`
        length_penalty: see `normalise`; 0 favours short outputs
        coverage_penalty: outputs that leave parts of the source without attention rank lower by so much; 0 is off
        ratio: an output has at most `ratio` x source tokens + `extra` tokens
        extra: see `ratio`
        least: an output has at least `least` x source tokens, as far as `ratio` and `extra` allow
        no_repeat: no sequence of so many tokens comes twice in an output; 0 is off
        groups: parts of the beam, each kept from saying what those before it say; 1 is plain beam search
        diversity: what a token costs a group for each time that the groups before it just said it
        temperature: outputs are drawn at random, from the probabilities ** (1 / this); 0 searches for the best
        top_k: only the so many likeliest tokens are drawn from; 0 takes all
        top_p: only the likeliest tokens that have this probability together are drawn from
        seed: of the draws
        shortlist: an output is made of the tokens that its source makes likely and of the most frequent ones,
            as `regard export --shortlist` found them; this takes less time where the vocabulary is large
    """

    beam: Size = 5
    normalise: Literal["average", "gnmt"] = "average"
    length_penalty: Amount = 1.0
    coverage_penalty: Amount = 0.0
    ratio: Amount = 2.0
    extra: Size = 20
    least: Amount = 0.0
    no_repeat: Count = 0
    groups: Size = 1
    diversity: Amount = 0.5
    temperature: Amount = 0.0
    top_k: Count = 0
    top_p: Share = 1.0
    seed: Count = 1
    shortlist: bool = False

    def __post_init__(self) -> None:
        """ConfigError for options that do not go together."""
        if self.beam % self.groups:
            given = f"groups is {self.groups} and beam {self.beam}"
            raise ConfigError(f"[decode] {given}; the groups are parts of the beam, of one size.")
        if self.temperature and self.groups > 1:
            raise ConfigError(
                f"[decode] groups is {self.groups} and temperature {self.temperature:g}; what is drawn at random "
                "has no groups: it wants groups = 1, or temperature = 0."
            )
        if not self.temperature and (self.top_k or self.top_p < 1):
            given = f"top_k is {self.top_k} and top_p {self.top_p:g}, but temperature is 0"
            raise ConfigError(f"[decode] {given}, so that nothing is drawn; they want a temperature > 0, such as 1.")

    def greedy(self) -> "Decode":
        """The same rules for the single likeliest hypothesis, which takes the least time."""
        return replace(self, beam=1, groups=1, temperature=0.0, top_k=0, top_p=1.0)


@dataclass(frozen=True, kw_only=True)
class Compare:
    """What `regard compare` varies, and what it measures on. A single run takes no notice of it.

    Options:
        vary: settings with their values, such as "attention.name=none,additive"; several give every combination
        also: further variants, each a name, a colon and settings, such as "wide: encoder.size=512 decoder.size=1024"
        seeds: runs of each variant; their seeds count up from `seed`
        test: pairs to measure on, one file or two; left empty, the validation pairs
        joins: with `data.join`, passes over the test pairs, joined anew in each
        gold: word alignments of the test pairs, for the alignment error rate
        metric: the score to compare by; left empty, the first of the task's
        width: scores are also given by source length in words, in classes of this width
        samples: resamplings of the test pairs, from which intervals are made
    """

    vary: str | list[str] = ""
    also: str | list[str] = ""
    seeds: Size = 1
    test: str | list[str] = ""
    joins: Size = 1
    gold: str = ""
    metric: str = ""
    width: Size = 10
    samples: Size = 1000
