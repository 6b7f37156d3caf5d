import Foundation
public import Records

extension JobLayout {
    /// The outlines of a slide's tissue as its tiling found it, inside the regions where it had some, in level-0 pixels.
    /// - Returns: nil where the job has no tiling of the slide: then nothing is known of its tissue.
    /// - Throws: `Failure` with `.digest` where the file that the tiling wrote is gone or another, `StorageError`.
    public func tissueOutlines(of slide: SlideID) throws -> [PlanePolygon]? {
        guard let outcome = try? CanonicalJSON.read(Outcome.self, from: self.outcome(stage: "tile", slide)),
            let digest = outcome.outputs[Self.outlines(of: slide)]
        else { return nil }
        let file = root.appending(path: Self.outlines(of: slide))
        let isThere = FileManager.default.fileExists(atPath: file.path)
        guard isThere, try Digest.quick(fileAt: file) == digest else {
            throw Failure(
                .digest,
                slide.text,
                "\(Self.outlines(of: slide)) is \(isThere ? "not the file that wsi tile wrote" : "gone"); run wsi tile again, "
                    + "which makes it anew"
            )
        }
        return try GeoJSON(contentsOf: file).features.flatMap(\.polygons)
    }

    /// The file's path in the job, as outcomes name it.
    public static func outlines(of slide: SlideID) -> String { "contours_geojson/\(slide.text).geojson" }
}
