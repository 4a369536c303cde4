"""Word alignments out of attention: read, made one of two directions, and compared with what people say."""

from regard.alignment.attention import Reading as Reading
from regard.alignment.attention import align as align
from regard.alignment.gold import Gold as Gold
from regard.alignment.gold import Rates as Rates
from regard.alignment.gold import error_rate as error_rate
from regard.alignment.gold import read_gold as read_gold
