"""What is measured, in this order; the steps of a row run beside each other, and none of those is timed."""
from ..timetable import Step
from . import encoder, golden, lanes, machine, slides, study, training


def rows(tiny):
    large = [encoder.Race("vit-s16", 0.3, 32)] if tiny else [encoder.Race("vit-l16", 4, 16_000), encoder.Race("vit-g14", 4, 5_000)]
    resnet = encoder.Race("resnet50", 0.3, 32, least=1.5) if tiny else encoder.Race("resnet50", 4, 32_000, least=1.5)
    small = encoder.Race("resnet50", 0.3, 32, least=1.5, kind="small") if tiny else encoder.Race("resnet50", 2, 12_000, least=1.5, kind="small")
    return [
        [Step("machine", 35, machine.step)],
        [Step("export", 35, golden.export, ("machine",)), Step("slides", 45, slides.step, ("machine",))],
        [
            Step("golden", 60, golden.step, ("export",)),
            Step("lanes", 60, lanes.step, ("export", "slides")),
            Step("study", 60, study.step, ("export",)),
        ],
        *([Step(race.model, 55 if race.model == "vit-g14" else 40, race.step, ("slides",))] for race in large),
        [Step("resnet50", 35, resnet.step, ("slides",))],
        [Step("small", 35, small.step, ("slides",))],
        [Step("training", 40, training.step, ("machine",))],
    ]
