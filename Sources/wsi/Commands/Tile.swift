public import ArgumentParser
import Config
import Foundation
import Imaging
import Pipeline
import Records
import Slides
import Storage

struct Tile: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find tissue and lay patches over it.",
        discussion: """
            Writes, in the file layout of TRIDENT:
              JOB/20x_256px_0px_overlap/patches/ID_patches.h5   patch corners in level-0 pixels
              JOB/thumbnails/ID.jpg, JOB/contours/ID.jpg        pictures to look at
              JOB/contours_geojson/ID.geojson                   tissue outlines
              JOB/20x_256px_0px_overlap/quality/ID.jpg          what was left out and why
              JOB/outcomes/tile/ID.json                         what became of each slide, and its quality

            Patches may reach beyond the right and the bottom edge of a slide, where they are white; --edge drop leaves those
            out. Either way a patch is taken whose share of tissue, of the whole patch, is at least --min-tissue.

            A patch file has the quality of each patch beside coords:
            \(columns)

            Focus is that of the patch's part on the slide. It is measured for a sample of the patches; for all of them with
            --quality or --min-focus, which take about twice the time. Sharp patches have 0.28 to 0.5, those under 0.12 are
            out of focus.

            Examples:
              wsi tile slide.svs --out study
              wsi tile slides/ --out study --mpp 0.5 --patch-size 256
              wsi tile --list slides.csv --mpp-csv scanner.csv --out study
              wsi tile slides/ --out study --exclude-ink 0.1 --min-focus 0.12
              wsi tile slides/ --out study --regions annotations/ --origin bounds
              wsi tile slides/ --out study --colour icc
              wsi tile /share/slides --out study --stage /scratch --stage-size 200G
            """.reflowed + Help.exitCodes
    )

    /// One line each.
    private static var columns: String {
        QualityColumn.all.map { "  \($0.name), \($0.unit): \($0.meaning)" }
            .joined(separator: "\n")
    }

    @Argument(
        help: ArgumentHelp(
            "Slide files, or folders that are searched for slides (\(SlideExtensions.readableText)).",
            valueName: "slide"
        )
    )
    var slides: [String] = []

    @Option(help: ArgumentHelp("CSV of slides: column wsi, optionally slide_id and mpp.", valueName: "csv"))
    var list: String?

    @OptionGroup var job: JobOption

    @OptionGroup(title: "Patches") var tiling: TilingOptions

    @OptionGroup(title: "Quality and regions") var choice: ChoiceOptions

    @OptionGroup(title: "Slides") var naming: NamingOption
    @OptionGroup(title: "Slides") var reading: ReadingOptions
    @OptionGroup(title: "Slides") var dry: DryRunOption
    @OptionGroup(title: "Slides") var selection: SelectionOptions

    @OptionGroup(title: "Slides far away") var staging: StageOptions

    @OptionGroup(title: "Work") var work: WorkOptions

    func validate() throws {
        if slides.isEmpty == (list == nil) { throw ValidationError("give slides or folders, or --list CSV") }
    }

    func run() async throws {
        var config = try tiling.config()
        choice.apply(to: &config)
        reading.changes.apply(to: &config)
        try config.validate()
        var found =
            try list.map { try SlideList.read(list: URL(filePath: $0), naming: naming.idFrom) }
            ?? SlideList.find(paths: slides, naming: naming.idFrom)
        if let table = tiling.scale.mppTable { found = try SlideList.merge(mppTable: table, into: found) }
        if !work.quiet { found.notes.forEach(Console.note) }
        var settings = try await work.settings(selection)
        settings.staging = try staging.staging(dryRun: dry.dryRun)
        let layout = try job.layout()
        let stage = TileStage(
            layout: layout,
            entries: found.entries,
            leftOut: found.leftOut,
            tiling: config,
            settings: settings
        )
        let needs = MachineNeeds.ofWork(settings)
        try needs.check()
        if dry.dryRun { return try await dry.report(settings) { [try await stage.preview(progress: $0)] } }
        try needs.begin(in: layout.root)
        let result = try await stage.run(progress: work.progress.sink)
        try result.report.exitStatus.throwUnlessOK()
    }
}

/// Which of the patches on tissue are taken.
struct ChoiceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Leave out patches with a larger share under pen ink, 0 to 1.", valueName: "share")
    )
    var excludeInk: Double?

    @Option(help: ArgumentHelp("Leave out patches with less focus, 0 to 1.", valueName: "focus"))
    var minFocus: Double?

    @Flag(help: "Measure the focus of every patch.")
    var quality = false

    @Flag(help: "Take slides with a dark background (fluorescence); tissue is what is bright.")
    var darkBackground = false

    @Option(
        help: ArgumentHelp(
            """
            Regions that limit the tissue: a file, or a folder with \(AnnotatedRegions.fileNames). \
            Formats: \(AnnotatedRegions.formats).
            """,
            discussion:
                "Features of the class exclude, or with the property exclude: true, are cut out; points, lines and QuPath's Ignore* are counted and not used.",
            valueName: "file|dir"
        )
    )
    var regions: String?

    @Option(
        help: ArgumentHelp(
            "What regions count from: slide or bounds. Default: what their file says, else bounds.",
            valueName: "origin"
        )
    )
    var origin: CoordinateOrigin?

    @Flag(help: "Take the regions as they are, whether or not tissue was found there.")
    var regionsReplace = false

    func validate() throws {
        if regions == nil, origin != nil || regionsReplace {
            throw ValidationError("--origin and --regions-replace need --regions")
        }
    }

    func apply(to config: inout TilingConfig) {
        if let excludeInk { config.excludeInk = excludeInk }
        if let minFocus { config.minFocus = minFocus }
        if quality { config.quality = .full }
        if darkBackground { config.mask.background = .dark }
        if let regions { config.regions = regions }
        if let origin { config.regionsOrigin = origin }
        if regionsReplace { config.regionsMode = .replace }
    }
}

/// µm per pixel of slides, where they do not say it themselves.
struct ScaleOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "µm per pixel of every slide at level 0, where slides do not say or are wrong.",
            valueName: "µm"
        )
    )
    var slideMpp: Double?

    @Option(help: ArgumentHelp("CSV with columns wsi (or slide_id) and mpp, for single slides.", valueName: "csv"))
    var mppCsv: String?

    var mppTable: URL? { mppCsv.map { URL(filePath: $0).standardizedFileURL } }
}

extension TilingConfig.Edge: ExpressibleByArgument {}

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

    @OptionGroup var scale: ScaleOptions

    @Option(
        help: ArgumentHelp(
            "Patches beyond the right and the bottom edge: pad takes them, white outside the slide; drop leaves them out. "
                + "Default: pad.",
            valueName: "pad|drop"
        )
    )
    var edge: TilingConfig.Edge?

    @Flag(help: "Believe a TIFF resolution given per inch.")
    var mppFromTiff = false

    @Flag(help: "Enlarge slides that are more than 5 % coarser than the patches.")
    var allowUpsampling = false

    @Option(help: ArgumentHelp("Most patches that a slide may have. Default: 500000.", valueName: "n"))
    var maxPatches: Int?

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
        if let edge { config.edge = edge }
        config.slideMPP = scale.slideMpp
        if mppFromTiff { config.mppFromTIFF = true }
        if allowUpsampling { config.allowUpsampling = true }
        if let maxPatches { config.maxPatches = maxPatches }
        try config.validate()
        return config
    }
}
