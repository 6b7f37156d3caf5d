import Files
import Foundation
import Imaging
import Records
import Storage

/// The parts of slides that get finer maps, in level-0 pixels of the slide: `regions/ID.geojson` of their job.
enum FinerRegions {
    /// Squares around the patches with the highest values, from the highest on: a patch inside a square has none of its own.
    /// Each reaches two sides of a patch beyond its patch, as far as the scanned part goes.
    static func around(_ prediction: Prediction, in grid: PatchGrid, count: Int) -> GeoJSON {
        let side = grid.geometry.sideLevel0
        let order = prediction.attention.indices.sorted {
            (prediction.attention[$1], $0) < (prediction.attention[$0], $1)
        }
        let (right, bottom) = (grid.bounds.x + grid.bounds.width, grid.bounds.y + grid.bounds.height)
        var squares: [PlanePolygon] = []
        for patch in order where squares.count < count {
            let corner = grid.corners[patch]
            let centre = PlanePoint(x: Double(corner.x) + Double(side) / 2, y: Double(corner.y) + Double(side) / 2)
            guard !squares.contains(where: { $0.contains(centre) }) else { continue }
            let (x0, y0) = (max(grid.bounds.x, corner.x - 2 * side), max(grid.bounds.y, corner.y - 2 * side))
            let (x1, y1) = (min(right, corner.x + 3 * side), min(bottom, corner.y + 3 * side))
            let ring = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
            squares.append(PlanePolygon(outer: ring.map { PlanePoint(x: Double($0), y: Double($1)) }))
        }
        return GeoJSON(features: squares.map { GeoJSON.Feature(polygons: [$0]) }, origin: .slide)
    }

    /// A file that does not tell its origin is taken as QuPath's: from the corner of the slide's bounds.
    /// - Returns: also lines on what of the file is not used.
    /// - Throws: `StorageError`, `Failure` where the file has no polygon.
    static func read(_ file: URL, in grid: PatchGrid) throws -> (regions: GeoJSON, notes: [String]) {
        var annotations = AnnotationFiles([grid.slide: file])
        var features: [GeoJSON.Feature] = []
        try annotations.read { _, _, read in
            guard !read.regions.isEmpty else {
                throw Failure(.usage, file.path, read.nothing("to draw a finer map of"))
            }
            let drawn = read.placed(scale: 1, boundsX: grid.bounds.x, boundsY: grid.bounds.y, origin: nil)
            let cut = drawn.exclusions.map { GeoJSON.Feature(polygons: [$0], properties: ["exclude": .bool(true)]) }
            features = drawn.regions.map { GeoJSON.Feature(polygons: [$0]) } + cut
        }
        return (GeoJSON(features: features, origin: .slide), annotations.notes)
    }
}
