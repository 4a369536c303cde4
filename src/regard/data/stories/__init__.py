"""Little stories, a question of each, its answer, and the sentences that it follows from; made up by rules."""

from regard.data.stories.generate import SPLITS as SPLITS
from regard.data.stories.generate import families as families
from regard.data.stories.generate import generate as generate
from regard.data.stories.story import Story as Story
