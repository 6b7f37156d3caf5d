import ArgumentParser
import Config
import Files
import Foundation
import Pipeline
import Records
import Storage

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show how a study would be trained by training.plan auto, and why.",
        discussion: """
            Reads the features of each fold's training part and says which keys of the config's section training the plan
            fills in, with its reasons: patches and bags of a step, epochs, learning rate, weight decay and so on. Keys that
            the config gives win, and are marked so. Nothing is written; a training puts its plan into checkpoint.json.

            Exit codes: 0 ok, 2 the config, or what it names, is wrong or not there, 4 features are damaged or out of date.

            Examples:
              wsi plan --config pipelines/clam.json
              wsi plan --config study.json --out study --json
            """.reflowed
    )

    @Option(help: ArgumentHelp("The study's config; see pipelines/camelyon.json.", valueName: "json"))
    var config: String

    @Option(
        help: ArgumentHelp("The job that has made the features, where the config names no others.", valueName: "job")
    )
    var out: String?

    @OptionGroup var naming: NamingOption
    @OptionGroup var mismatch: MismatchOption

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var log: LogOption

    func run() throws {
        let study = try Study(
            config: URL(filePath: config).standardizedFileURL,
            overrides: StudyOverrides(
                allowsScaleMismatch: mismatch.allowScaleMismatch,
                naming: naming.idFrom
            )
        )
        let progress = ConsoleProgress(quiet: json)
        let plan = try StudyPlan(
            of: study,
            layout: out.map { JobLayout(root: URL(filePath: $0).standardizedFileURL) },
            version: wsiVersion,
            progress: progress.sink
        )
        progress.close()
        let text = Self.text(plan, searches: study.config.search != nil)
        try Console.result(json ? CanonicalJSON.data(plan) : Data(text.utf8))
    }

    private static func text(_ plan: StudyPlan, searches: Bool) -> String {
        var head = plan.isInForce ? [] : ["training.plan is not auto: this is what it would fill in"]
        if searches { head.append("of model and training alone: each candidate of search is planned in its turn") }
        return (head + facts(plan) + [""] + table(plan)).joined(separator: "\n") + "\n"
    }

    private static func facts(_ plan: StudyPlan) -> [String] {
        plan.folds.map { fold in
            let facts = fold.plan.facts
            let rarest = facts.rarest.map { "; rarest group \($0)" } ?? ""
            return
                "fold \(fold.fold): \(facts.bags) bags of \(facts.patches.least) to \(facts.patches.most) patches (median "
                + "\(facts.patches.median)), \(facts.width) features each\(rarest)"
        }
    }

    /// A line for every key; where folds differ one for every value.
    private static func table(_ plan: StudyPlan) -> [String] {
        var table = TextTable()
        table.add("key", "value", "why")
        for key in plan.folds.first?.plan.lines.map(\.key) ?? [] {
            var said: [(line: TrainingPlan.Line, folds: [Int])] = []
            for fold in plan.folds {
                guard let line = fold.plan.lines.first(where: { $0.key == key }) else { continue }
                if let known = said.firstIndex(where: { $0.line == line }) {
                    said[known].folds.append(fold.fold)
                } else {
                    said.append((line, [fold.fold]))
                }
            }
            for (line, folds) in said {
                let which = said.count == 1 ? "" : " (fold \(folds.map { "\($0)" }.joined(separator: ", ")))"
                table.add(line.key, line.value?.words ?? "–", line.reason + which)
            }
        }
        return table.lines
    }
}
