import Foundation
import Records
import Testing

@testable import Files
@testable import Imaging
@testable import Storage

@Suite struct GeoJSONTests {
    private let square = [
        PlanePoint(x: 0, y: 0), PlanePoint(x: 10, y: 0), PlanePoint(x: 10, y: 10), PlanePoint(x: 0, y: 10),
    ]
    private let hole = [PlanePoint(x: 4, y: 4), PlanePoint(x: 6, y: 4), PlanePoint(x: 6, y: 6), PlanePoint(x: 4, y: 6)]

    private func parse(_ text: String) throws -> GeoJSON {
        let scratch = try Scratch()
        try Data(text.utf8).write(to: scratch.file("a.geojson"))
        return try GeoJSON(contentsOf: scratch.file("a.geojson"))
    }

    @Test func aPointInAHoleIsOutside() {
        let polygon = PlanePolygon(outer: square, holes: [hole])
        #expect(polygon.contains(PlanePoint(x: 1, y: 1)))
        #expect(!polygon.contains(PlanePoint(x: 5, y: 5)))
        #expect(!polygon.contains(PlanePoint(x: 11, y: 5)))
        #expect(polygon.area == 96)
    }

    @Test func polygonsThatShareAnEdgeNeverShareAPoint() {
        let left = PlanePolygon(outer: square)
        let right = left.translated(x: 10, y: 0)
        for y in stride(from: 0.0, through: 9.5, by: 0.5) {
            let point = PlanePoint(x: 10, y: y)
            #expect(left.contains(point) != right.contains(point))
        }
    }

    @Test func featuresComeBackAsTheyWereWritten() throws {
        let scratch = try Scratch()
        let polygon = PlanePolygon(outer: square, holes: [hole])
        let written = GeoJSON(
            features: [
                .init(
                    polygons: [polygon],
                    properties: ["classification": .object(["name": .string("tumor")]), "wsi_origin": .string("slide")]
                ),
                .init(
                    polygons: [polygon, polygon.translated(x: 20.5, y: 0)],
                    properties: ["tissue_id": .number(1), "wsi_origin": .string("slide")]
                ),
            ],
            origin: .slide
        )
        try written.write(to: scratch.file("a.geojson"))
        let read = try GeoJSON(contentsOf: scratch.file("a.geojson"))
        #expect(read == written)
        #expect(read.features.map(\.className) == ["tumor", nil])
    }

    @Test func oneFeatureOrAPlainListIsReadToo() throws {
        let feature = """
            {"type": "Feature", "properties": {"isLocked": false}, "geometry":
            {"type": "Polygon", "coordinates": [[[0, 0], [4, 0, 7], [4, 4], [0, 0]]]}}
            """
        let single = try parse(feature)
        #expect(single.origin == nil)
        #expect(
            single.features[0].polygons[0].outer == [
                PlanePoint(x: 0, y: 0), PlanePoint(x: 4, y: 0), PlanePoint(x: 4, y: 4),
            ]
        )
        #expect(try parse("[\(feature), \(feature)]").features.count == 2)
        #expect(try parse(#"{"type": "FeatureCollection", "features": []}"#).features.isEmpty)
    }

    @Test func boundsAreTakenOffOnce() {
        let polygon = PlanePolygon(outer: square)
        let fromSlide = GeoJSON(features: [.init(polygons: [polygon.translated(x: 100, y: 50)])], origin: .slide)
        let fromBounds = GeoJSON(features: [.init(polygons: [polygon])], origin: .bounds)
        #expect(fromSlide.fromBounds(x: 100, y: 50) == fromBounds)
        #expect(fromBounds.fromBounds(x: 100, y: 50) == fromBounds)
    }

    /// What is written is compared as text, for other programs read it: numbers without a needless point, keys in order, rings
    /// closed.
    @Test func theTextIsTheSameForEveryWriter() throws {
        let triangle = PlanePolygon(outer: [.init(x: 0, y: 0), .init(x: 2.5, y: 0), .init(x: 0, y: 3)])
        let drawn = GeoJSON(
            features: [
                .init(polygons: [triangle], properties: ["tissue_id": .number(0)]),
                .init(point: PlanePoint(x: 7, y: 8), properties: ["c": GeoJSON.classification("a", RGB(1, 2, 3))]),
            ],
            origin: .slide
        )
        let written = String(
            decoding: try drawn.data(originIn: .collection, members: ["crs": .null]),
            as: UTF8.self
        )
        let wanted = [
            #"{"crs":null,"features":[{"geometry":{"coordinates":[[[0,0],[2.5,0],[0,3],[0,0]]],"type":"Polygon"},"#,
            #""properties":{"tissue_id":0},"type":"Feature"},{"geometry":{"coordinates":[7,8],"type":"Point"},"#,
            #""properties":{"c":{"color":[1,2,3],"name":"a"}},"type":"Feature"}],"#,
            #""type":"FeatureCollection","wsi_origin":"slide"}"#, "\n",
        ]
        #expect(written == wanted.joined())
        let moved = String(decoding: try drawn.fromBounds(x: 1, y: 1).data(), as: UTF8.self)
        #expect(moved.hasPrefix(#"{"features":[{"geometry":{"coordinates":[[[-1,-1],[1.5,-1],[-1,2],[-1,-1]]]"#))
        #expect(moved.contains(#""coordinates":[6,7],"type":"Point""#))
        #expect(moved.components(separatedBy: #""wsi_origin":"bounds""#).count == 3)
        let decoder = JSONDecoder()
        let line = try decoder.decode(JSONValue.self, from: drawn.data(originIn: .collection))
        let indented = try decoder.decode(JSONValue.self, from: drawn.indented(originIn: .collection))
        #expect(indented == line)
    }

    @Test(arguments: [
        #"{"type": "Topology"}"#,
        "no JSON",
        "[1, 2]",
        #"{"type": "Feature", "geometry": {"type": "Circle", "coordinates": [1, 2]}}"#,
        #"{"type": "Feature", "geometry": {"type": "FeatureCollection", "features": []}}"#,
        #"{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0]]]}}"#,
        #"{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1], [0, 5]]]}}"#,
        #"{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1e99, 1], [0, 5]]]}}"#,
        #"{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[0, 0], ["1", 1], [0, 5]]]}}"#,
        #"{"type": "Polygon"}"#,
    ]) func whatCannotBeUsedIsRefused(text: String) {
        #expect(throws: StorageError.self) { try parse(text) }
    }

    private func square(_ at: Int) -> String {
        "[[[\(at), 0], [\(at + 9), 0], [\(at + 9), 9], [\(at), 9], [\(at), 0]]]"
    }

    private func feature(_ geometry: String, _ properties: String = "{}") -> String {
        #"{"type": "Feature", "geometry": \#(geometry), "properties": \#(properties)}"#
    }

    private func polygon(_ at: Int) -> String { #"{"type": "Polygon", "coordinates": \#(square(at))}"# }

    @Test func whatEnclosesNothingIsCountedAndNothingElseIsLost() throws {
        let list = [
            feature(#"{"type": "Point", "coordinates": [1, 2]}"#),
            feature(#"{"type": "MultiPoint", "coordinates": [[1, 2]]}"#),
            feature(#"{"type": "LineString", "coordinates": [[1, 2], [3, 4]]}"#), feature("null"),
            feature(#"{"type": "Polygon", "coordinates": []}"#),
            feature(#"{"type": "MultiPolygon", "coordinates": [[[]]]}"#),
            feature(#"{"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [1, 2]}]}"#),
            "null",
            feature(polygon(3)),
        ]
        let read = try parse(#"{"type": "FeatureCollection", "features": [\#(list.joined(separator: ", "))]}"#)
        #expect(read.features.map(\.polygons.count) == [1])
        #expect(read.skipped == SkippedFeatures([.point: 3, .line: 1, .empty: 4]))
        #expect(read.skipped.words == "3 points, 1 line, 4 without a geometry")
    }

    @Test func bareGeometriesListsAndCollectionsWithinCollectionsAreRead() throws {
        let multi = #"{"type": "MultiPolygon", "coordinates": [\#(square(1)), \#(square(20))]}"#
        let collection =
            #"{"type": "GeometryCollection", "geometries": [\#(polygon(0)), {"type": "Point", "coordinates": [1, 2]}, \#(multi)]}"#
        #expect(try parse(polygon(5)).features.map(\.polygons.first?.outer.first?.x) == [5])
        #expect(try parse(multi).features.map(\.polygons.count) == [2])
        #expect(try parse("[\(polygon(0)), \(feature(multi))]").features.map(\.polygons.count) == [1, 2])
        let nested =
            #"{"type": "FeatureCollection", "wsi_origin": "slide", "features": [{"type": "FeatureCollection", "features": [\#(feature(collection))]}]}"#
        let read = try parse(nested)
        #expect(read.features.map(\.polygons.count) == [3] && read.origin == .slide && read.skipped.total == 0)
    }

    @Test func aRingWithoutPointsIsNoHole() throws {
        let text = #"{"type": "Polygon", "coordinates": [[[0, 0], [9, 0], [9, 9]], []]}"#
        #expect(
            try parse(text).features[0].polygons == [
                PlanePolygon(outer: [.init(x: 0, y: 0), .init(x: 9, y: 0), .init(x: 9, y: 9)])
            ]
        )
    }

    /// Numbers that are none are refused where they are coordinates, with their feature's number, and only there: QuPath writes
    /// NaN for measurements that were not made.
    @Test(arguments: [
        ("NaN", "NaN or infinite"), ("-Infinity", "NaN or infinite"), ("1e999", "no lists of rings of points"),
        ("null", "null"),
    ])
    func aCoordinateThatIsNoNumberIsNamed(_ word: String, _ reason: String) throws {
        let good = feature(polygon(0), #"{"name": "NaN \" Infinity", "measurements": {"Max": NaN, "Min": -Infinity}}"#)
        let bad = feature("{\"type\": \"Polygon\", \"coordinates\": [[[0, 0], [\(word), 0], [5, 5]]]}")
        let read = try parse("[\(good)]")
        #expect(read.features[0].properties["name"]?.string == "NaN \" Infinity")
        let error = try #require(throws: StorageError.self) { try parse("[\(good), \(bad)]") }
        #expect(error.message.hasPrefix("feature 2: ") && error.message.contains(reason))
    }

    @Test(arguments: [String.Encoding.utf8, .utf16, .utf16LittleEndian, .utf32, .isoLatin1])
    func lettersOfEveryKindAreRead(_ encoding: String.Encoding) throws {
        let scratch = try Scratch()
        let text = feature(polygon(0), #"{"classification": {"name": "Müll"}}"#)
        try #require(text.data(using: encoding)).write(to: scratch.file("a.geojson"))
        #expect(try GeoJSON(contentsOf: scratch.file("a.geojson")).features.map(\.className) == ["Müll"])
        try (Data([0xEF, 0xBB, 0xBF]) + Data(text.utf8)).write(to: scratch.file("a.geojson"))
        #expect(try GeoJSON(contentsOf: scratch.file("a.geojson")).features.map(\.className) == ["Müll"])
    }
}
