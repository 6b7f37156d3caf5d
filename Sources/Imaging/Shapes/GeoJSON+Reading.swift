import Files
public import Foundation
import Records

extension GeoJSON {
    /// Reads a FeatureCollection, a Feature, a bare geometry or a list of them, also collections within collections. Polygons,
    /// MultiPolygons and those in a GeometryCollection are taken; what encloses nothing is counted in `skipped`.
    /// - Throws: `StorageError` for text that is no GeoJSON, a geometry of unknown type, rings of fewer than three points,
    ///   coordinates that are no numbers in range, or features of different origins.
    public init(contentsOf url: URL) throws {
        let wayOut = "export the annotations without detections"
        try self.init(ForeignJSON(try TextLimit.data(url, upTo: TextLimit.program, wayOut: wayOut), url))
    }

    init(_ json: ForeignJSON) throws {
        var reading = Reading(path: json.url.path)
        var origin: String?
        let isTaken = try json.each(
            Node?.self,
            of: "features",
            rest: Node.self,
            isWanted: { rest in
                origin = rest.origin
                return rest.type == "FeatureCollection"
            },
            { try reading.take($0) }
        )
        if !isTaken { try reading.take(json.decode(Node.self)) }
        if let origin { reading.origins.insert(origin) }
        self.init(features: reading.features, origin: nil)
        skipped = reading.skipped
        guard let word = reading.origins.first else { return }
        guard reading.origins.count == 1, let origin = Origin(rawValue: word) else {
            throw StorageError.malformed(
                path: json.url.path,
                reason:
                    "wsi_origin is \(reading.origins.sorted().joined(separator: " and ")); wanted is slide or bounds"
            )
        }
        self.origin = origin
    }
}

/// Any object of GeoJSON, or a list of them.
private struct Node: Decodable {
    enum Content {
        /// As lists of rings of points of numbers.
        case polygons([[[[Double]]]])
        /// A polygon whose coordinates cannot be read, and why.
        case broken(String)
        case nothing(SkippedFeatures.Kind)
        case geometries([Node?])
        /// None or one geometry.
        case feature([Node])
        case features([Node?])
        case unknown
    }

    var type = "list"
    var content: Content
    var properties: [String: JSONValue] = [:]
    var origin: String?

    private enum Key: String, CodingKey {
        case type, coordinates, geometry, geometries, features, properties
        case origin = "wsi_origin"
    }

    init(from decoder: any Decoder) throws {
        if (try? decoder.unkeyedContainer()) != nil {
            content = .features(try [Node?](from: decoder))
            return
        }
        let container = try decoder.container(keyedBy: Key.self)
        type = try container.decode(String.self, forKey: .type)
        switch type {
        case "Polygon": content = Self.polygons { [try container.decode([[[Double]]].self, forKey: .coordinates)] }
        case "MultiPolygon": content = Self.polygons { try container.decode([[[[Double]]]].self, forKey: .coordinates) }
        case "Point", "MultiPoint": content = .nothing(.point)
        case "LineString", "MultiLineString": content = .nothing(.line)
        case "GeometryCollection": content = .geometries(try container.decode([Node?].self, forKey: .geometries))
        case "Feature":
            content = .feature(try container.decodeIfPresent(Node.self, forKey: .geometry).map { [$0] } ?? [])
            properties = try container.decodeIfPresent(Properties.self, forKey: .properties)?.members ?? [:]
            origin = properties["wsi_origin"]?.string
        case "FeatureCollection":
            content = .features(try container.decode([Node?].self, forKey: .features))
            origin = try container.decodeIfPresent(String.self, forKey: .origin)
        default: content = .unknown
        }
    }

    /// A fault in coordinates waits until the feature's number is known.
    private static func polygons(_ read: () throws -> [[[[Double]]]]) -> Content {
        do { return .polygons(try read()) } catch DecodingError.dataCorrupted(let context) {
            return .broken(context.debugDescription)
        } catch DecodingError.valueNotFound {
            return .broken("a coordinate is null")
        } catch { return .broken("coordinates are no lists of rings of points") }
    }
}

/// The properties of a feature without QuPath's measurements: each detection has dozens, and nothing here reads them.
private struct Properties: Decodable {
    var members: [String: JSONValue] = [:]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: NamedKey.self)
        for key in container.allKeys where key.stringValue != "measurements" {
            members[key.stringValue] = try container.decode(JSONValue.self, forKey: key)
        }
    }
}

/// The features of a file, one after the other.
private struct Reading {
    let path: String
    var features: [GeoJSON.Feature] = []
    var skipped = SkippedFeatures()
    var origins: Set<String> = []
    /// Of the feature at hand, from 1 on.
    private var number = 0

    init(path: String) { self.path = path }

    mutating func take(_ node: Node?) throws {
        if let origin = node?.origin { origins.insert(origin) }
        if case .features(let list) = node?.content {
            for entry in list { try take(entry) }
            return
        }
        number += 1
        let (polygons, kind) = try areas(of: node)
        if polygons.isEmpty {
            skipped.add(kind)
        } else {
            features.append(GeoJSON.Feature(polygons: polygons, properties: node?.properties ?? [:]))
        }
    }

    /// - Returns: also what there is instead of polygons.
    private func areas(of node: Node?) throws -> (polygons: [PlanePolygon], else: SkippedFeatures.Kind) {
        guard let node else { return ([], .empty) }
        switch node.content {
        case .polygons(let parts): return (try parts.compactMap(polygon), .empty)
        case .broken(let reason): throw malformed(reason)
        case .nothing(let kind): return ([], kind)
        case .geometries(let list): return try joined(list)
        case .feature(let geometry): return try joined(geometry)
        case .features, .unknown:
            throw malformed("geometry \(node.type) cannot be used; draw closed polygons")
        }
    }

    private func joined(_ list: [Node?]) throws -> (polygons: [PlanePolygon], else: SkippedFeatures.Kind) {
        let parts = try list.map(areas)
        return (parts.flatMap(\.polygons), parts.first?.else ?? .empty)
    }

    /// nil without a ring.
    private func polygon(_ rings: [[[Double]]]) throws -> PlanePolygon? {
        if rings.first?.isEmpty == true { return nil }
        let points = try rings.filter { !$0.isEmpty }.map { ring -> [PlanePoint] in
            let points = try ring.map { numbers -> PlanePoint in
                guard numbers.count >= 2 else { throw malformed("a point is no pair of numbers in range") }
                let point = PlanePoint(x: numbers[0], y: numbers[1])
                if let fault = point.fault { throw malformed(fault) }
                return point
            }
            let isClosed = points.count > 1 && points.first == points.last
            guard points.count - (isClosed ? 1 : 0) >= 3 else { throw malformed("a ring has fewer than three points") }
            return isClosed ? points.dropLast() : points
        }
        return points.first.map { PlanePolygon(outer: $0, holes: Array(points.dropFirst())) }
    }

    private func malformed(_ reason: String) -> StorageError {
        .malformed(path: path, reason: "feature \(number): \(reason)")
    }
}

extension PlanePoint {
    /// What is wrong with a point of a file; nil where nothing is.
    var fault: String? {
        guard x.isFinite, y.isFinite else { return "a coordinate is NaN or infinite" }
        return abs(x) <= 1e12 && abs(y) <= 1e12 ? nil : "a point is no pair of numbers in range"
    }
}
