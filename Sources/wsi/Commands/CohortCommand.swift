public import ArgumentParser
public import Evaluation
import Files
import Foundation
import Pipeline
import Records
import Storage

struct CohortCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cohort",
        abstract: "Look for what a model could learn in place of the labels: site, scanner, date, sizes of files.",
        discussion: """
            Says how well the slides' mean features tell every further column of the table of labels, by a linear probe of which
            each case is judged by the others, beside columns that were dealt anew among cases; the same within classes, and how
            the column goes with the label. A column that features tell and that goes with the label is named as a shortcut risk.
            Also whether slide size, tissue area, file size or mean colour tell the label alone, which slides are nearly the same
            and stand in different parts of a fold, and the figures of the study's training by group, the worst named. Of cohorts
            without a shortcut at most 5 in 100 are said to have one.

            With --out everything is written to JOB/cohort: cohort.html with maps of slides and patches, cohort.json and tables.
            --leave-out makes splits that test one group at a time; --similar finds the patches nearest to one, of all slides.

            Exit codes: 0 ok, also where something is named, 2 the config, or what it names, is wrong or not there, 4 features are
            damaged or out of date.

            Examples:
              wsi cohort --config study.json --out study
              wsi cohort --config study.json --out study --column site --column scanner --json
              wsi cohort --config study.json --out study --leave-out site
              wsi cohort --config study.json --out study --similar sample_002:17
            """.reflowed
    )

    @Option(help: ArgumentHelp("The study's config; see pipelines/camelyon.json.", valueName: "json"))
    var config: String

    @Option(
        help: ArgumentHelp(
            "The job that has made the features, where the config names no others; files are written there.",
            valueName: "job"
        )
    )
    var out: String?

    @OptionGroup var links: LinksOption

    @Option(help: ArgumentHelp("A column to look at; may be given several times. Default: all.", valueName: "name"))
    var column: [String] = []

    @Option(
        help: ArgumentHelp("Permutations of a test, 99 to 100000; more where many columns are tested.", valueName: "n")
    )
    var permutations = 999

    @Option(help: ArgumentHelp("Patches of all slides that maps show, 0 to 5000.", valueName: "n"))
    var patches = 2000

    @Option(help: ArgumentHelp("Clusters of patches, 2 to 50.", valueName: "n"))
    var clusters = 8

    @Option(
        help: ArgumentHelp("Only write splits of which each tests one value of this column.", valueName: "column")
    )
    var leaveOut: String?

    @Option(
        help: ArgumentHelp(
            "Only find the patches that are nearest to this one: a slide and its row in the feature file.",
            valueName: "slide:row"
        )
    )
    var similar: String?

    @Option(help: ArgumentHelp("Of --similar: how many patches, 1 to 1000.", valueName: "n"))
    var top = 20

    @Option(help: ArgumentHelp("Of --similar: cosine or euclid.", valueName: "measure"))
    var measure = NearestRows.Measure.cosine

    @OptionGroup var naming: NamingOption
    @OptionGroup var mismatch: MismatchOption

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var log: LogOption

    func validate() throws {
        guard (99...100_000).contains(permutations) else {
            throw ValidationError("--permutations: 99 to 100000 are allowed")
        }
        guard (0...5000).contains(patches) else { throw ValidationError("--patches: 0 to 5000 are allowed") }
        guard (2...50).contains(clusters) else { throw ValidationError("--clusters: 2 to 50 are allowed") }
        guard (1...1000).contains(top) else { throw ValidationError("--top: 1 to 1000 are allowed") }
        guard leaveOut == nil || similar == nil else {
            throw ValidationError("--leave-out and --similar are two questions; ask one at a time")
        }
        guard leaveOut == nil || out != nil else {
            throw ValidationError("--leave-out writes files; name the job with --out")
        }
        if let similar, patch(similar) == nil {
            throw ValidationError("--similar: a slide, a colon and a row are wanted, such as sample_002:17")
        }
    }

    private func patch(_ text: String) -> (slide: SlideID, row: Int)? {
        guard let colon = text.lastIndex(of: ":"), let row = Int(text[text.index(after: colon)...]), row >= 0,
            let slide = try? SlideID(String(text[..<colon]))
        else { return nil }
        return (slide, row)
    }

    func run() async throws {
        let layout = out.map { JobLayout(root: URL(filePath: $0).standardizedFileURL) }
        if let layout {
            try links.fence(layout)
            try MachineNeeds.ofEveryCommand.begin(in: layout.root)
        }
        let run = try CohortRun(
            config: URL(filePath: config).standardizedFileURL,
            overrides: StudyOverrides(allowsScaleMismatch: mismatch.allowScaleMismatch, naming: naming.idFrom),
            layout: layout,
            options: CohortRun.Options(
                columns: column,
                permutations: permutations,
                patches: patches,
                clusters: clusters
            )
        )
        let progress = ConsoleProgress(quiet: json)
        if let leaveOut, let layout { return try told(run.leaveOut(leaveOut, in: layout), layout) }
        if let similar = similar.flatMap(patch) {
            let found = try run.similar(
                to: similar.slide,
                row: similar.row,
                measure: measure,
                count: top,
                progress: progress.sink
            )
            progress.close()
            return try json
                ? Console.result(CanonicalJSON.data(found)) : Console.result(CohortText.text(found))
        }
        let found = try run.found(progress: progress.sink)
        progress.close()
        if let layout {
            let settings = WorkSettings(workers: 1, slideTimeout: .seconds(30), programs: try Programs.installed())
            let pictures = try await CohortRun.pictures(found, layout: layout, settings: settings, note: Console.note)
            try CohortRun.write(found, pictures: pictures, to: layout)
            Console.line("cohort: \(layout.cohort(.page).path)")
        }
        try json
            ? Console.result(CanonicalJSON.data(found.report)) : Console.result(CohortText.text(found.report))
    }

    private func told(_ leaveOut: LeaveOut, _ layout: JobLayout) throws {
        if json { return try Console.result(CanonicalJSON.data(leaveOut)) }
        try Console.result(CohortText.text(leaveOut, config: config, job: layout.root.path))
    }
}

extension NearestRows.Measure: ExpressibleByArgument {}
