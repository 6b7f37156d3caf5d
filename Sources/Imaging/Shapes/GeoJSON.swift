public import Files
public import Foundation
public import Records

/// Polygons as GeoJSON, as QuPath and TRIDENT exchange them: annotations, regions, tissue contours.
public struct GeoJSON: Equatable, Sendable {
    public typealias Origin = CoordinateOrigin

    public struct Feature: Equatable, Sendable {
        public var polygons: [PlanePolygon]
        public var properties: [String: JSONValue]

        public init(polygons: [PlanePolygon], properties: [String: JSONValue] = [:]) {
            self.polygons = polygons
            self.properties = properties
        }

        /// `properties.classification`: its `name`, its `names` as QuPath joins them (`Tumor: Edge`), or the plain word that
        /// tools without classes write.
        public var className: String? {
            let classification = properties["classification"]
            if let name = classification?["name"]?.string ?? classification?.string { return name }
            guard case .array(let names) = classification?["names"] else { return nil }
            return names.compactMap(\.string).joined(separator: ": ")
        }

        /// Whether the feature is marked as one to cut out whatever its class: `properties.exclude` is true.
        public var isMarkedExcluded: Bool { properties["exclude"] == .bool(true) }

        public func contains(_ point: PlanePoint) -> Bool { polygons.contains { $0.contains(point) } }
    }

    public var features: [Feature]
    /// `wsi_origin` of the features; nil where the file does not say.
    public var origin: Origin?
    /// What else a file held.
    public internal(set) var skipped = SkippedFeatures()

    public init(features: [Feature], origin: Origin?) {
        self.features = features
        self.origin = origin
    }

    public func contains(_ point: PlanePoint) -> Bool { features.contains { $0.contains(point) } }

    /// The features counted from level-0 pixel (0, 0).
    /// - Parameters:
    ///   - bounds: x and y of the slide's bounds in level-0 pixels.
    ///   - fallback: the origin of a file that does not state one.
    public func fromSlideOrigin(boundsX: Int, boundsY: Int, fallback: Origin) -> GeoJSON {
        guard (origin ?? fallback) == .bounds else { return GeoJSON(features: features, origin: .slide) }
        return translated(x: Double(boundsX), y: Double(boundsY), origin: .slide)
    }

    /// The features counted from the corner of the slide's bounds, for QuPath.
    public func fromBounds(x: Int, y: Int) -> GeoJSON {
        origin == .bounds ? self : translated(x: Double(-x), y: Double(-y), origin: .bounds)
    }

    /// A FeatureCollection with sorted keys; rings are closed and `wsi_origin` stands in every feature's properties.
    public func data() throws -> Data {
        // One by one: the encoder's own tree of a hundred thousand features would need gigabytes.
        var text = Data(#"{"features":["#.utf8)
        for (index, feature) in features.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            text.append(try CanonicalJSON.line(entry(of: feature)))
        }
        return text + Data("],\"type\":\"FeatureCollection\"}\n".utf8)
    }

    private func entry(of feature: Feature) -> Entry {
        var properties = feature.properties
        properties["wsi_origin"] = origin.map { .string($0.rawValue) }
        let parts = feature.polygons.map { polygon in
            ([polygon.outer] + polygon.holes).map { ring in (ring + ring.prefix(1)).map { [$0.x, $0.y] } }
        }
        return Entry(
            type: "Feature",
            geometry: Entry.Geometry(type: parts.count == 1 ? "Polygon" : "MultiPolygon", parts: parts),
            properties: properties
        )
    }

    public func write(to url: URL) throws { try AtomicFile.write(try data(), to: url) }

    private func translated(x: Double, y: Double, origin: Origin) -> GeoJSON {
        let moved = features.map { feature in
            Feature(polygons: feature.polygons.map { $0.translated(x: x, y: y) }, properties: feature.properties)
        }
        return GeoJSON(features: moved, origin: origin)
    }
}

/// What is written of a feature.
private struct Entry: Encodable {
    struct Geometry: Encodable {
        var type: String
        /// Polygons as lists of rings of points of numbers.
        var parts: [[[[Double]]]]

        private enum CodingKeys: String, CodingKey { case type, coordinates }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(type, forKey: .type)
            if type == "Polygon" {
                try container.encode(parts.first ?? [], forKey: .coordinates)
            } else {
                try container.encode(parts, forKey: .coordinates)
            }
        }
    }

    var type: String
    var geometry: Geometry
    var properties: [String: JSONValue]
}
