public import ArgumentParser
import Foundation
import Heatmaps
import Imaging
import Pipeline
import Records
import Storage

struct Heatmap: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draw attention over slides.",
        discussion: """
            One PNG per slide and its values as CSV, in JOB/heatmaps/<name>/. On the absolute scale, the default, the same
            colour means the same value on every slide: N·attention, 1 for a patch that got its even share. Flags that
            change the pictures make a folder of their own, such as JOB/heatmaps/acmil-percentile-dune/; flags that ask
            for more files put them beside the PNG. --overlap makes finer maps of parts of the slides, from patches that are
            cut and encoded for them, in JOB/finer/<name>/, which is laid out as a job; one PNG per part.

            Examples:
              wsi heatmap study --model acmil
              wsi heatmap study --model acmil --panel --top --geojson
              wsi heatmap study --model acmil --slide S12 --scale percentile --colours dune
              wsi heatmap study --model acmil --slide S12 --overlap 0.5 --top-regions 3
            """.reflowed + Help.exitCodes
    )

    @OptionGroup var job: WrittenJob

    @Option(help: ArgumentHelp("Name of the predictions.", valueName: "name"))
    var model: String

    @Option(help: ArgumentHelp("Only this slide; may be repeated.", valueName: "id"))
    var slide: [String] = []

    @Option(help: ArgumentHelp("Longest side of the slide's picture in pixels. Default: 2000.", valueName: "px"))
    var side: Int?

    @Option(
        help: ArgumentHelp(
            "µm per pixel of the slide's picture and of the overlay, instead of --side.",
            valueName: "µm"
        )
    )
    var mpp: Double?

    @Option(help: ArgumentHelp("absolute or percentile. Default: absolute.", valueName: "scale"))
    var scale: HeatmapConfig.Scale?

    @Option(
        help: ArgumentHelp(
            """
            \(ColourMap.Name.allCases.map(\.title).joined(separator: " or ")). \
            Default: \(HeatmapConfig().colours.rawValue).
            """,
            valueName: "colours"
        )
    )
    var colours: ColourMap.Name?

    @Option(help: ArgumentHelp("Blur the map by this many sides of a patch. Default: 0.", valueName: "sides"))
    var smooth: Double?

    @Flag(help: "Also ID.panel.png: slide, map, every branch or class, and where they disagree, side by side.")
    var panel = false

    @Flag(help: "Also ID.top.png: the patches with the highest and lowest values, and the same of every branch.")
    var top = false

    @Flag(help: "Also ID.geojson for QuPath: patches with their values, and regions of high ones.")
    var geojson = false

    @Flag(help: "Also ID.h5: the values with their coordinates as arrays.")
    var values = false

    @Flag(help: "Also ID.overlay.tif: the map as a transparent pyramid over the slide.")
    var overlay = false

    @Flag(help: "Also ID.dzi and ID_files/: the overlay as Deep Zoom tiles.")
    var tiles = false

    @OptionGroup(title: "Finer maps") var finer: FinerOptions

    @OptionGroup(title: "Slides") var selection: SelectionOptions

    @OptionGroup(title: "Slides far away") var staging: StageOptions

    @OptionGroup(title: "Work") var work: WorkOptions

    func validate() throws {
        if finer.overlap != nil, selection.fromFailed {
            throw ValidationError("--from-failed does not go with --overlap; what is done is not done again anyway")
        }
        if finer.regions != nil, slide.count != 1 { throw ValidationError("--regions goes with one --slide") }
    }

    private var changes: HeatmapChanges {
        var changes = HeatmapChanges()
        (changes.side, changes.mpp, changes.smoothing) = (side, mpp, smooth)
        (changes.scale, changes.colours) = (scale, colours)
        let asked: [(HeatmapConfig.Output, Bool)] = [
            (.panel, panel), (.top, top), (.geojson, geojson), (.values, values), (.overlay, overlay), (.tiles, tiles),
        ]
        changes.outputs = asked.filter(\.1).map(\.0)
        return changes
    }

    func run() async throws {
        let layout = try job.layout()
        var settings = try await work.settings(selection)
        settings.staging = try staging.staging()
        try MachineNeeds.ofWork(settings, usesTemporaryFolder: finer.encoder != nil).begin(in: layout.root)
        let model = TrainingName(text: model)
        let usual = try HeatmapStage.config(model: model, in: layout)
        let heatmap = try changes.applied(to: usual)
        let name = changes.pictures(of: model, usual: usual)
        let chosen = slide.isEmpty ? nil : Set(try slide.map { try SlideID($0) })
        if let overlap = finer.overlap {
            let maps = FinerMaps(
                layout: layout,
                model: model,
                overlap: overlap,
                parts: finer.parts,
                slides: chosen,
                encoder: finer.encoder,
                pictures: name,
                heatmap: heatmap,
                settings: settings
            )
            return try await maps.run(progress: work.progress.sink).throwUnlessOK()
        }
        var statuses: [ExitStatus] = []
        for output in heatmap.outputs {
            let stage = HeatmapStage(
                layout: layout,
                model: model,
                name: name,
                output: output,
                heatmap: heatmap,
                slides: chosen,
                settings: settings
            )
            statuses.append(try await stage.run(progress: work.progress.sink).report.exitStatus)
        }
        try ExitStatus.worst(statuses).throwUnlessOK()
    }
}

extension HeatmapConfig.Scale: ExpressibleByArgument {}
extension ColourMap.Name: ExpressibleByArgument {}
