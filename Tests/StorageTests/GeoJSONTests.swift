import Foundation
import Records
import Testing

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

    @Test func boundsAreAddedWhereTheFileCountsFromThem() throws {
        let fromBounds = GeoJSON(features: [.init(polygons: [PlanePolygon(outer: square)])], origin: .bounds)
        let moved = fromBounds.fromSlideOrigin(boundsX: 100, boundsY: 50, fallback: .slide)
        #expect(moved.features[0].polygons[0].outer[0] == PlanePoint(x: 100, y: 50))
        #expect(moved.fromBounds(x: 100, y: 50) == fromBounds)
        let unsaid = GeoJSON(features: fromBounds.features, origin: nil)
        #expect(unsaid.fromSlideOrigin(boundsX: 100, boundsY: 50, fallback: .bounds) == moved)
        #expect(unsaid.fromSlideOrigin(boundsX: 100, boundsY: 50, fallback: .slide).features == unsaid.features)
    }

    @Test(arguments: [
        #"{"type": "Topology"}"#,
        "no JSON",
        "[1, 2]",
        #"{"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}}"#,
        #"{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0]]]}}"#,
        #"{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1], [0, 5]]]}}"#,
        #"{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1e99, 1], [0, 5]]]}}"#,
        #"{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": []}}"#,
        #"{"type": "Feature", "geometry": null}"#,
    ]) func whatCannotBeUsedIsRefused(text: String) {
        #expect(throws: StorageError.self) { try parse(text) }
    }
}
