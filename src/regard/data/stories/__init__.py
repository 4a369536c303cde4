"""Little stories, a question of each, its answer, and the sentences that it follows from; made up by rules."""

from regard.data.stories.story import Story as Story
from regard.data.stories.telling import SPLITS as SPLITS
from regard.data.stories.telling import family_names as family_names
from regard.data.stories.telling import generate as generate
