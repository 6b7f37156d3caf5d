import ArgumentParser
import Foundation
import Imaging
import Pipeline

/// Flags of `wsi heatmap` for maps of parts of a slide from patches that lie closer.
struct FinerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Overlap of neighbouring patches, 0 up to 1, such as 0.5: tiles, encodes and draws parts of the slides again.",
            valueName: "share"
        )
    )
    var overlap: Double?

    @Option(
        help: ArgumentHelp(
            "With --overlap: around so many of the highest patches. Default: 3.",
            valueName: "k"
        )
    )
    var topRegions: Int?

    @Option(help: ArgumentHelp("With --overlap and one --slide: the polygons of this GeoJSON.", valueName: "file"))
    var regions: String?

    @Option(help: ArgumentHelp("With --overlap: JSON of the training's encoder, unless built in.", valueName: "file"))
    var encoder: String?

    func validate() throws {
        if let overlap, !(0..<1).contains(overlap) { throw ValidationError("--overlap: 0 up to 1 is allowed") }
        if let topRegions, !(1...50).contains(topRegions) {
            throw ValidationError("--top-regions: 1 to 50 are allowed")
        }
        if overlap == nil, topRegions != nil || regions != nil || encoder != nil {
            throw ValidationError("--top-regions, --regions, --encoder are of finer maps, which --overlap asks for")
        }
        if topRegions != nil, regions != nil { throw ValidationError("give --top-regions or --regions, not both") }
    }

    var parts: FinerMaps.Parts {
        regions.map { .regions(URL(filePath: $0).standardizedFileURL) } ?? .top(topRegions ?? 3)
    }
}
