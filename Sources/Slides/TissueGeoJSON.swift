import Files
public import Foundation
import Imaging
import Records

/// Tissue outlines as TRIDENT writes them: a FeatureCollection of Polygons with `tissue_id`, present even when empty.
/// Coordinates are level-0 pixels of the whole slide, which `wsi_origin` says for viewers that crop to the bounds.
public enum TissueGeoJSON {
    public static func data(_ polygons: [TissuePolygon]) throws -> Data {
        let features = polygons.enumerated().map { index, polygon in
            GeoJSON.Feature(
                polygons: [PlanePolygon(outer: plane(polygon.outer), holes: polygon.holes.map(plane))],
                properties: ["tissue_id": .number(Double(index))]
            )
        }
        return try GeoJSON(features: features, origin: .slide).data(originIn: .collection, members: ["crs": noDegrees])
    }

    private static func plane(_ ring: [PixelPoint]) -> [PlanePoint] {
        ring.map { PlanePoint(x: Double($0.x), y: Double($0.y)) }
    }

    /// Without meaning for pixels, but its absence makes geographic readers assume degrees.
    private static let noDegrees = JSONValue.object([
        "type": .string("name"),
        "properties": .object(["name": .string("urn:ogc:def:crs:EPSG::3857")]),
    ])
}
