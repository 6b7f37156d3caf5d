import Files
public import Foundation
import Records
import Storage

/// Tissue outlines as TRIDENT writes them: a FeatureCollection of Polygons with `tissue_id`, present even when empty.
/// Coordinates are level-0 pixels of the whole slide, which `wsi_origin` says for viewers that crop to the bounds.
public enum TissueGeoJSON {
    public static func data(_ polygons: [TissuePolygon]) throws -> Data {
        let features = polygons.enumerated().map { index, polygon in
            Feature(
                geometry: Geometry(coordinates: ([polygon.outer] + polygon.holes).map(closed)),
                properties: Properties(tissueID: index)
            )
        }
        return try CanonicalJSON.line(Collection(features: features)) + Data("\n".utf8)
    }

    /// GeoJSON repeats the first point of a ring at its end.
    private static func closed(_ ring: [PixelPoint]) -> [[Int]] { (ring + ring.prefix(1)).map { [$0.x, $0.y] } }

    private struct Collection: Encodable {
        var type = "FeatureCollection"
        /// Without meaning for pixels, but its absence makes geographic readers assume degrees.
        var crs = ReferenceSystem()
        var origin = "slide"
        var features: [Feature]

        enum CodingKeys: String, CodingKey {
            case type, crs, features
            case origin = "wsi_origin"
        }
    }

    private struct ReferenceSystem: Encodable {
        var type = "name"
        var properties = ["name": "urn:ogc:def:crs:EPSG::3857"]
    }

    private struct Feature: Encodable {
        var type = "Feature"
        var geometry: Geometry
        var properties: Properties
    }

    private struct Geometry: Encodable {
        var type = "Polygon"
        var coordinates: [[[Int]]]
    }

    private struct Properties: Encodable {
        var tissueID: Int

        enum CodingKeys: String, CodingKey { case tissueID = "tissue_id" }
    }
}
