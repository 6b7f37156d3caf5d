public import ArgumentParser
import Foundation
import Pipeline
import Records
import Storage

struct Heatmap: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draw attention over slides.",
        discussion: """
            One PNG per slide and its values as CSV, in JOB/heatmaps/<name>/. On the absolute scale, the default, the same
            colour means the same value on every slide: N·attention, 1 for a patch that got its even share. Flags that
            change the pictures make a folder of their own, such as JOB/heatmaps/acmil-percentile-dune/.

            Examples:
              wsi heatmap study --model acmil
              wsi heatmap study --model acmil --slide S12 --scale percentile --colours dune
            """
    )

    @OptionGroup var job: JobArgument

    @Option(help: ArgumentHelp("Name of the predictions.", valueName: "name"))
    var model: String

    @Option(help: ArgumentHelp("Only this slide; may be repeated.", valueName: "id"))
    var slide: [String] = []

    @Option(help: ArgumentHelp("Longest side of the slide's picture in pixels. Default: 2000.", valueName: "px"))
    var side: Int?

    @Option(help: ArgumentHelp("absolute or percentile. Default: absolute.", valueName: "scale"))
    var scale: HeatmapConfig.Scale?

    @Option(
        help: ArgumentHelp(
            "lagoon, or dune, which is safe for colour-blind readers. Default: lagoon.",
            valueName: "colours"
        )
    )
    var colours: HeatmapConfig.Colours?

    @OptionGroup(title: "Slides") var selection: SelectionOptions

    @OptionGroup(title: "Work") var work: WorkOptions

    func run() async throws {
        let layout = try job.layout()
        AtomicFile.sweep(layout.root)
        let usual = HeatmapStage.config(model: model, in: layout)
        var heatmap = usual
        heatmap.side = side ?? usual.side
        heatmap.scale = scale ?? usual.scale
        heatmap.colours = colours ?? usual.colours
        try heatmap.validate()
        var name = [model]
        if heatmap.side != usual.side { name.append("\(heatmap.side)px") }
        if heatmap.scale != usual.scale { name.append(heatmap.scale.rawValue) }
        if heatmap.colours != usual.colours { name.append(heatmap.colours.rawValue) }
        let stage = HeatmapStage(
            layout: layout,
            model: model,
            name: name.joined(separator: "-"),
            heatmap: heatmap,
            slides: slide.isEmpty ? nil : Set(try slide.map { try SlideID($0) }),
            settings: try work.settings(selection)
        )
        try await stage.run(progress: work.progress.sink).report.exitStatus.throwUnlessOK()
    }
}

extension HeatmapConfig.Scale: ExpressibleByArgument {}
extension HeatmapConfig.Colours: ExpressibleByArgument {}
