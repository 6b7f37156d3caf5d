public import ArgumentParser
public import Pipeline
import Records

/// `--only STAGE` and `--shard i/n` of `wsi run`.
struct PartOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only this stage: \(StudyPart.allCases.map(\.rawValue).joined(separator: ", ")).",
            discussion: "Several commands may work on one job beside each other; wsi train --config trains.",
            valueName: "stage"
        )
    )
    var only: StudyPart?

    @Option(
        help: ArgumentHelp(
            "With --only: this part of the slides, such as 1/4 to 4/4.",
            discussion: "By a hash of the slide's id: the same on every machine, and unmoved by slides that are added.",
            valueName: "i/n"
        )
    )
    var shard: Shard?

    var selection: Selection { Selection(shard: shard) }

    func validate() throws {
        if shard != nil, only == nil { throw ValidationError("--shard needs --only: a training needs all slides") }
    }
}

extension StudyPart: ExpressibleByArgument {}
