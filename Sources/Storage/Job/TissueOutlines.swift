import Foundation
public import Imaging
public import Records

extension JobLayout {
    /// The outlines of a slide's tissue as its tiling found it, inside the regions where it had some, in level-0 pixels.
    /// - Returns: nil where the job has no tiling of the slide: then nothing is known of its tissue.
    /// - Throws: `Failure` with `.digest` where the file that the tiling wrote is gone or another, `StorageError`.
    public func tissueOutlines(of slide: SlideID) throws -> [PlanePolygon]? {
        let path = Self.outlines(of: slide)
        guard let tiled = try record(of: slide, stage: .tile), tiled.outputs.keys.contains(path) else { return nil }
        try tiled.check(in: self) { $0 == path }
        return try GeoJSON(contentsOf: root.appending(path: path)).features.flatMap(\.polygons)
    }
}
