public import Foundation
public import Records

/// Polygons as GeoJSON, as QuPath and TRIDENT exchange them: annotations, regions, tissue contours.
///
/// Read are a FeatureCollection, one Feature or a plain list of Features, with Polygon and MultiPolygon geometry.
public struct GeoJSON: Equatable, Sendable {
    public typealias Origin = CoordinateOrigin

    public struct Feature: Equatable, Sendable {
        public var polygons: [PlanePolygon]
        public var properties: [String: JSONValue]

        public init(polygons: [PlanePolygon], properties: [String: JSONValue] = [:]) {
            self.polygons = polygons
            self.properties = properties
        }

        /// `properties.classification.name`.
        public var className: String? { properties["classification"]?["name"]?.string }

        public func contains(_ point: PlanePoint) -> Bool { polygons.contains { $0.contains(point) } }
    }

    public var features: [Feature]
    /// `wsi_origin` of the features; nil where the file does not say.
    public var origin: Origin?

    public init(features: [Feature], origin: Origin?) {
        self.features = features
        self.origin = origin
    }

    /// - Throws: `StorageError` for text that is no GeoJSON, other geometry, or features of different origins.
    public init(contentsOf url: URL) throws {
        let document = try CanonicalJSON.read(Document.self, from: url)
        func malformed(_ index: Int, _ reason: String) -> StorageError {
            .malformed(path: url.path, reason: "feature \(index + 1): \(reason)")
        }
        var origins = Set(document.origin.map { [$0] } ?? [])
        features = try document.features.enumerated().map { index, entry in
            guard let parts = entry.geometry?.parts else {
                throw malformed(
                    index,
                    "geometry \(entry.geometry?.type ?? "null") cannot be used; draw closed polygons"
                )
            }
            let polygons = try parts.map { rings in try Self.polygon(rings) { malformed(index, $0) } }
            if let origin = entry.properties?["wsi_origin"]?.string { origins.insert(origin) }
            return Feature(polygons: polygons, properties: entry.properties ?? [:])
        }
        guard let word = origins.first else { return }
        guard origins.count == 1, let origin = Origin(rawValue: word) else {
            throw StorageError.malformed(
                path: url.path,
                reason: "wsi_origin is \(origins.sorted().joined(separator: " and ")); wanted is slide or bounds"
            )
        }
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
            geometry: Geometry(type: parts.count == 1 ? "Polygon" : "MultiPolygon", parts: parts),
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

    private static func polygon(
        _ rings: [[[Double]]],
        _ malformed: (String) -> StorageError
    ) throws -> PlanePolygon {
        let points = try rings.map { ring -> [PlanePoint] in
            let points = try ring.map { numbers -> PlanePoint in
                guard numbers.count >= 2, abs(numbers[0]) <= 1e12, abs(numbers[1]) <= 1e12 else {
                    throw malformed("a point is no pair of numbers in range")
                }
                return PlanePoint(x: numbers[0], y: numbers[1])
            }
            let isClosed = points.count > 1 && points.first == points.last
            guard points.count - (isClosed ? 1 : 0) >= 3 else { throw malformed("a ring has fewer than three points") }
            return isClosed ? points.dropLast() : points
        }
        guard let outer = points.first else { throw malformed("a polygon has no ring") }
        return PlanePolygon(outer: outer, holes: Array(points.dropFirst()))
    }
}

/// A geometry's type and, for the two that are read, its polygons as lists of rings of points of numbers.
private struct Geometry: Codable {
    var type: String
    var parts: [[[[Double]]]]?

    private enum Key: String, CodingKey { case type, coordinates }

    init(type: String, parts: [[[[Double]]]]) {
        self.type = type
        self.parts = parts
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        type = try container.decode(String.self, forKey: .type)
        switch type {
        case "Polygon": parts = [try container.decode([[[Double]]].self, forKey: .coordinates)]
        case "MultiPolygon": parts = try container.decode([[[[Double]]]].self, forKey: .coordinates)
        default: parts = nil
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(type, forKey: .type)
        guard let parts else { return }
        if type == "Polygon" {
            try container.encode(parts.first ?? [], forKey: .coordinates)
        } else {
            try container.encode(parts, forKey: .coordinates)
        }
    }
}

private struct Entry: Codable {
    var type: String
    var geometry: Geometry?
    var properties: [String: JSONValue]?
}

private struct Collection: Codable {
    var type: String
    var features: [Entry]
    var origin: String?

    private enum CodingKeys: String, CodingKey {
        case type, features
        case origin = "wsi_origin"
    }
}

/// The three shapes a GeoJSON file of features comes in.
private struct Document: Decodable {
    let features: [Entry]
    private(set) var origin: String?

    private struct Head: Decodable { let type: String }

    init(from decoder: any Decoder) throws {
        if let list = try? decoder.unkeyedContainer(), list.count != nil {
            features = try [Entry](from: decoder)
            return
        }
        switch try Head(from: decoder).type {
        case "FeatureCollection":
            let collection = try Collection(from: decoder)
            (features, origin) = (collection.features, collection.origin)
        case "Feature": features = [try Entry(from: decoder)]
        case let type:
            throw DecodingError.dataCorrupted(
                .init(codingPath: [], debugDescription: "type \(type); wanted is FeatureCollection or Feature")
            )
        }
    }
}
