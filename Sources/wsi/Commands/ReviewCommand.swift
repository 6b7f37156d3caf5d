import ArgumentParser
import Files
import Foundation
public import Pipeline
import Records
public import ReviewPage
import Storage

struct ReviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "review",
        abstract: "Look at slides and heatmaps, and record what reviewers say.",
        discussion: """
            Serves a page to this machine's browser: a worklist, and a viewer of slide and heatmap with a place for agreeing,
            disagreeing, words and marks. Prints the page's address, which holds a secret, on stdout. Decisions are kept in
            JOB/review/decisions/, each with the result that it was given for; with --export they are written for other
            programs instead. With --blinded the server withholds what the model and other readers have said of a slide until
            the reader's first opinion on it is saved.

            Examples:
              wsi review study
              wsi review study --blinded --assign readers.csv
              wsi review study --stage /scratch
              wsi review study --agreement
              wsi review study --export decisions/
            """.reflowed
    )

    @OptionGroup var job: JobArgument

    @OptionGroup var links: LinksOption

    @Option(help: ArgumentHelp("Port to listen on; 0 takes a free one.", valueName: "port"))
    var port = 8370

    @Option(
        help: ArgumentHelp("Address to listen on; other machines reach anything but loopback.", valueName: "address")
    )
    var host = "127.0.0.1"

    @Option(
        help: ArgumentHelp("Write decisions.csv and the marks of each slide, ID.geojson, there.", valueName: "folder")
    )
    var export: String?

    @Flag(help: "Withhold labels, results, maps and others' decisions until a reader's first opinion on a slide.")
    var blinded = false

    @Option(
        help: ArgumentHelp("Who reads what: a CSV with the columns slide_id or case_id, and reader.", valueName: "csv")
    )
    var assign: String?

    @OptionGroup(title: "Slides far away") var staging: StageOptions

    @Flag(help: "Print how far readers agree with each other and the model, and which slides to adjudicate.")
    var agreement = false

    @Flag(help: "With --agreement: print JSON.")
    var json = false

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port: 0 to 65535 are allowed") }
        if json, !agreement { throw ValidationError("--json goes with --agreement") }
        if agreement, export != nil { throw ValidationError("--agreement and --export are two things; ask for one") }
    }

    func run() async throws {
        let layout = try job.layout()
        try links.fence(layout, reads: true)
        var settings = WorkSettings(workers: 1, slideTimeout: .seconds(30), programs: try Programs.installed())
        let needs = MachineNeeds.ofWork(settings, processes: export == nil && !agreement ? SlideViewers.usualLimit : 0)
        try needs.begin(in: layout.root)
        let notes = try PredictionNotes.read(layout)
        let known = try ReviewJob(layout, notes: notes)
        for problem in known.problems { Console.error(problem) }
        for line in PredictionNotes.lines(notes) { Console.line("review: \(line)") }
        for line in DecisionLog(layout).leftOut(slides: Set(known.slides.map(\.id))) { Console.line("review: \(line)") }
        if let export {
            // Marks are placed by what these files say.
            if known.problems.contains(where: { $0.code == .digest }) {
                try ExitStatus.integrity.throwUnlessOK()
            }
            Ending.watch(overFilesIn: URL(filePath: export))
            let count = try DecisionExport.write(known, to: URL(filePath: export))
            Console.line("review: \(count) decision(s) written to \(export)")
            return
        }
        if agreement {
            let report = try AgreementReport(known)
            return json
                ? try Console.result(CanonicalJSON.data(report)) : try Console.result(AgreementText(report).text)
        }
        let assignment = try assign.map { path in
            try ReaderAssignment(
                contentsOf: URL(filePath: path),
                slides: known.slides.map { ($0.id, $0.caseID) }
            )
        }
        assignment?.notes.forEach { Console.line("review: \($0)") }
        let assets = try PageAssets(leaflet: PageAssets.leaflet(environment: ProcessInfo.processInfo.environment))
        let styles = try Dictionary(
            uniqueKeysWithValues: known.models.map { name in
                (name, try HeatmapStage.config(model: TrainingName(text: name), in: layout))
            }
        )
        settings.staging = try staging.staging()
        let server = ReviewServer(
            job: known,
            remarks: { try PredictionNotes.read($0) },
            slides: try await SlideViewers(layout, settings: settings) { Console.line("review: \($0)") },
            assets: assets,
            ranges: { model in
                let heatmap = styles[model] ?? HeatmapConfig()
                return (heatmap.range[0]...heatmap.range[1], heatmap.scoreRange[0]...heatmap.scoreRange[1])
            },
            reading: ReadingPlan(isBlinded: blinded, assignment: assignment),
            host: host,
            notice: { Console.line("review: \($0)") }
        )
        if !ReviewServer.isLoopback(host) {
            Console.line(
                "wsi: WARNING: listening on \(host), not only on this machine: whoever sees the address below, or this network's "
                    + "traffic, which is not encrypted, can look at these slides and write decisions"
            )
        }
        try await server.run(port: port) { address in
            // The page's secret is in it: nobody can open the page without.
            do { try Console.result(address) } catch {
                Console.error(Failure(error))
                Ending.leave(.temporary)
            }
        }
    }
}

extension SlideViewers: SlideSource {}
