import ArgumentParser
import Foundation
import Pipeline
import Records
import Storage

struct Tile: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find tissue and lay patches over it.",
        discussion: """
            Writes, in the file layout of TRIDENT:
              JOB/20x_256px_0px_overlap/patches/ID_patches.h5   patch corners in level-0 pixels
              JOB/thumbnails/ID.jpg, JOB/contours/ID.jpg        pictures to look at
              JOB/contours_geojson/ID.geojson                   tissue outlines
              JOB/outcomes/tile/ID.json                         what became of each slide

            Examples:
              wsi tile slide.svs --out study
              wsi tile slides/ --out study --mpp 0.5 --patch-size 256
              wsi tile --list slides.csv --mpp-csv scanner.csv --out study
            """
    )

    @Argument(help: ArgumentHelp("Slide files, or folders that are searched for slides.", valueName: "slide"))
    var slides: [String] = []

    @Option(help: ArgumentHelp("CSV of slides: column wsi, optionally slide_id and mpp.", valueName: "csv"))
    var list: String?

    @OptionGroup var job: JobOption

    @OptionGroup(title: "Patches") var tiling: TilingOptions

    @OptionGroup(title: "Work") var work: WorkOptions

    func validate() throws {
        if slides.isEmpty == (list == nil) { throw ValidationError("give slides or folders, or --list CSV") }
    }

    func run() async throws {
        let config = try tiling.config()
        var entries = try list.map { try SlideList.read(list: URL(filePath: $0)) } ?? SlideList.find(paths: slides)
        if let table = tiling.mppCsv { entries = try SlideList.merge(mppTable: URL(filePath: table), into: entries) }
        AtomicFile.sweep(job.layout.root)
        let stage = TileStage(layout: job.layout, entries: entries, tiling: config, settings: try work.settings())
        let result = try await stage.run(progress: work.progress.sink)
        try result.report.exitStatus.throwUnlessOK()
    }
}

/// The flags of `tiling` in a config.
struct TilingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("µm per pixel of the patches. Default: 0.5.", valueName: "µm"))
    var mpp: Double?

    @Option(help: ArgumentHelp("The same as a magnification: 10 / µm.", valueName: "x"))
    var magnification: Double?

    @Option(help: ArgumentHelp("Side of a patch in pixels. Default: 256.", valueName: "px"))
    var patchSize: Int?

    @Option(help: ArgumentHelp("Overlap of neighbours in pixels at that scale. Default: 0.", valueName: "px"))
    var overlap: Int?

    @Option(
        help: ArgumentHelp("Least share of a patch that must be tissue, 0 to 1. Default: 0.25.", valueName: "share")
    )
    var minTissue: Double?

    @Option(
        help: ArgumentHelp(
            "µm per pixel of every slide at level 0, where slides do not say or are wrong.",
            valueName: "µm"
        )
    )
    var slideMpp: Double?

    @Option(help: ArgumentHelp("CSV with columns wsi (or slide_id) and mpp, for single slides.", valueName: "csv"))
    var mppCsv: String?

    @Flag(help: "Believe a TIFF resolution given per inch.")
    var mppFromTiff = false

    @Flag(help: "Enlarge slides that are more than 5 % coarser than the patches.")
    var allowUpsampling = false

    func validate() throws {
        if mpp != nil, magnification != nil { throw ValidationError("give --mpp or --magnification, not both") }
        if let magnification, !(magnification > 0) {
            throw ValidationError("--magnification: a positive number is wanted")
        }
    }

    /// - Throws: `ConfigError` for a value out of range.
    func config() throws -> TilingConfig {
        var config = TilingConfig()
        if let mpp = mpp ?? magnification.map({ 10 / $0 }) { config.mpp = mpp }
        if let patchSize { config.patchSize = patchSize }
        if let overlap { config.overlap = overlap }
        if let minTissue { config.minTissue = minTissue }
        if let slideMpp { config.slideMPP = slideMpp }
        if mppFromTiff { config.mppFromTIFF = true }
        if allowUpsampling { config.allowUpsampling = true }
        try config.validate()
        return config
    }
}
