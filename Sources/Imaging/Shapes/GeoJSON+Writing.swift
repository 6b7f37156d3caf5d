public import Files
public import Foundation
import Records

/// The one encoder of GeoJSON.
extension GeoJSON {
    /// Where `wsi_origin` stands.
    public enum OriginPlace: Sendable {
        /// In the properties of each, as QuPath keeps them.
        case features
        /// Once, beside the features.
        case collection
    }

    /// A FeatureCollection in one line, with sorted keys and closed rings.
    /// - Parameter members: what else stands beside the features, such as `crs`.
    public func data(originIn place: OriginPlace = .features, members: [String: JSONValue] = [:]) throws -> Data {
        let collection = Collection(self, originIn: place, members: members)
        // One by one: the encoder's own tree of a hundred thousand features would need gigabytes.
        var text = Data("{".utf8)
        let keys: [String] = Array(collection.members.keys) + ["features"]
        for (index, key) in keys.sorted().enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            if let member = collection.members[key] {
                text.append(try CanonicalJSON.line([key: member]).dropFirst().dropLast())
                continue
            }
            text.append(Data(#""features":["#.utf8))
            for (index, feature) in features.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                text.append(try CanonicalJSON.line(collection.entry(of: feature)))
            }
            text.append(UInt8(ascii: "]"))
        }
        return text + Data("}\n".utf8)
    }

    public func write(to url: URL) throws { try AtomicFile.write(try data(), to: url) }

    /// The same, indented, for people to read.
    public func indented(originIn place: OriginPlace) throws -> Data {
        try CanonicalJSON.data(Collection(self, originIn: place, members: [:]))
    }

    /// A class as QuPath has it, with its colour.
    public static func classification(_ name: String, _ colour: RGB) -> JSONValue {
        let channels = [colour.red, colour.green, colour.blue].map { JSONValue.number(Double($0)) }
        return .object(["name": .string(name), "color": .array(channels)])
    }
}

/// What is written of all features.
private struct Collection: Encodable {
    var features: [GeoJSON.Feature]
    /// All but the features.
    var members: [String: JSONValue]
    private let origin: JSONValue?
    private let place: GeoJSON.OriginPlace

    init(_ drawn: GeoJSON, originIn place: GeoJSON.OriginPlace, members: [String: JSONValue]) {
        features = drawn.features
        self.members = members
        self.members["type"] = .string("FeatureCollection")
        origin = drawn.origin.map { .string($0.rawValue) }
        self.place = place
        if place == .collection { self.members["wsi_origin"] = origin }
    }

    func entry(of feature: GeoJSON.Feature) -> Entry {
        var properties = feature.properties
        if place == .features { properties["wsi_origin"] = origin }
        return Entry(geometry: Geometry(feature), properties: properties)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: NamedKey.self)
        for (key, member) in members { try container.encode(member, forKey: NamedKey(key)) }
        try container.encode(features.map(entry), forKey: NamedKey("features"))
    }
}

/// What is written of a feature.
private struct Entry: Encodable {
    var type = "Feature"
    var geometry: Geometry
    var properties: [String: JSONValue]
}

private struct Geometry: Encodable {
    private let point: [Double]?
    /// Polygons as lists of rings of points of numbers.
    private let parts: [[[[Double]]]]

    private enum CodingKeys: String, CodingKey { case type, coordinates }

    init(_ feature: GeoJSON.Feature) {
        point = feature.point.map { [$0.x, $0.y] }
        parts = feature.polygons.map { polygon in
            ([polygon.outer] + polygon.holes).map { ring in (ring + ring.prefix(1)).map { [$0.x, $0.y] } }
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        if let point {
            try container.encode("Point", forKey: .type)
            try container.encode(point, forKey: .coordinates)
        } else if let only = parts.first, parts.count == 1 {
            try container.encode("Polygon", forKey: .type)
            try container.encode(only, forKey: .coordinates)
        } else {
            try container.encode("MultiPolygon", forKey: .type)
            try container.encode(parts, forKey: .coordinates)
        }
    }
}
