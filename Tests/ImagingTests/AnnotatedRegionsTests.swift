import Foundation
import Records
import TestSupport
import Testing

@testable import Files
@testable import Imaging

@Suite struct AnnotatedRegionsTests {
    private func read(
        _ name: String,
        _ text: String,
        classes: [String]? = nil,
        cutting: Set<String> = AnnotatedRegions.healthy
    ) throws -> AnnotatedRegions {
        let scratch = try Scratch()
        try Data(text.utf8).write(to: scratch.file(name))
        return try AnnotatedRegions(contentsOf: scratch.file(name), classes: classes, cutting: cutting)
    }

    private let asap = """
        <?xml version="1.0"?>
        <ASAP_Annotations>
          <Annotations>
            <Annotation Name="focus &amp; rim" Type="Polygon" PartOfGroup="Tumor" Color="#F4FA58">
              <Coordinates>
                <Coordinate Order="1" X="100.5" Y="0" />
                <Coordinate Order="0" X="0.5" Y="0" />
                <Coordinate Order="2" X="100.5" Y="100" />
                <Coordinate Order="3" X="0.5" Y="100" />
              </Coordinates>
            </Annotation>
            <Annotation Name="hole" Type="Polygon" PartOfGroup="_2" Color="#F4FA58">
              <Coordinates>
                <Coordinate Order="0" X="40" Y="40" /><Coordinate Order="1" X="60" Y="40" />
                <Coordinate Order="2" X="60" Y="60" /><Coordinate Order="3" X="40" Y="60" />
              </Coordinates>
            </Annotation>
            <Annotation Name="dot" Type="Dot" PartOfGroup="Tumor"><Coordinates><Coordinate Order="0" X="1" Y="1"/></Coordinates></Annotation>
          </Annotations>
          <AnnotationGroups><Group Name="Tumor" PartOfGroup="None" Color="#00ff00"><Attributes /></Group></AnnotationGroups>
        </ASAP_Annotations>
        """

    @Test func regionsOfASAPComeInTheirOrderAndLoseWhatIsCutOut() throws {
        let drawn = try read("s.xml", asap)
        #expect(drawn.origin == .slide)
        #expect(drawn.regions.map(\.area) == [10_000] && drawn.exclusions.map(\.area) == [400])
        #expect(drawn.contains(PlanePoint(x: 10, y: 10)))
        #expect(!drawn.contains(PlanePoint(x: 50, y: 50)))
        #expect(try read("s.xml", asap, classes: ["stroma"]).regions.isEmpty)
        #expect(try read("s.xml", asap, classes: ["tumor"]).regions.count == 1)
    }

    @Test func whatIsHealthyIsCutOutOfLesionsOnlyAndAClassThatIsAskedForCounts() throws {
        let text = asap.replacing("\"_2\"", with: "\"Normal\"")
        #expect(try read("s.xml", text).exclusions.count == 1)
        #expect(try read("s.xml", text, cutting: AnnotatedRegions.excluded).regions.map(\.area) == [10_000, 400])
        let normal = try read("s.xml", text, classes: ["normal"])
        #expect(normal.regions.map(\.area) == [400] && normal.exclusions.isEmpty)
    }

    @Test func polygonsOfCAMELYONAreScaledToACoarserSlide() throws {
        let text = #"{"positive": [{"name": "_0", "vertices": [[320, 320], [640, 320], [640, 640]]}], "negative": []}"#
        let drawn = try read("s.json", text).placed(scale: 32, boundsX: 7, boundsY: 7, origin: nil)
        #expect(
            drawn.regions == [
                PlanePolygon(outer: [.init(x: 10, y: 10), .init(x: 20, y: 10), .init(x: 20, y: 20)])
            ]
        )
    }

    @Test(arguments: [
        (#""wsi_origin": "slide","#, CoordinateOrigin?.none, 0.0), ("", .none, 7), ("", .slide, 0),
        (#""wsi_origin": "slide","#, .bounds, 7),
    ])
    func geoJSONCountsFromWhatItSaysElseFromTheBounds(_ key: String, _ given: CoordinateOrigin?, _ moved: Double) throws
    {
        let text = """
            {"type": "FeatureCollection", \(key) "features": [
              {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [9, 0], [9, 9], [0, 0]]]},
               "properties": {"classification": {"name": "Tumor"}}},
              {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[1, 1], [2, 1], [2, 2], [1, 1]]]},
               "properties": {"classification": {"name": "Stroma"}}}]}
            """
        let drawn = try read("s.geojson", text, classes: ["TUMOR"])
        #expect(drawn.regions.count == 1)
        let placed = drawn.placed(scale: 1, boundsX: 7, boundsY: 7, origin: given)
        #expect(placed.regions[0].outer[0] == PlanePoint(x: moved, y: moved))
    }

    @Test(arguments: [
        ("s.xml", "<ASAP_Annotations><Annotations>", "ends before"),
        ("s.xml", "<ASAP_Annotations></Annotations>", "line 1"), ("s.xml", "<Other/>", "no annotations of ASAP"),
        ("s.xml", "", "the file is empty"), ("s.xml", "<\u{FF}\u{FF}", "the XML ends before"),
        (
            "s.xml",
            #"<ASAP_Annotations><Annotation Type="Polygon"><Coordinate X="1" Y="two"/></Annotation></ASAP_Annotations>"#,
            "annotation 1: a point is no pair of numbers"
        ),
        ("s.json", #"{"positive": [{"vertices": [[1, 2], [3, 4]]}]}"#, "polygon 1 has fewer than three points"),
        ("s.json", #"{"positive": [{"vertices": [[1, 2], [3], [5, 6], [7, 8]]}]}"#, "polygon 1: a point is no pair"),
        ("s.json", #"{"kind": "none"}"#, "neither GeoJSON nor lists of polygons"),
        ("s.json", "no JSON", "not valid JSON"),
        (
            "s.xml",
            #"<ASAP_Annotations><Annotation Type="Polygon"><Coordinate X="1" Y="NaN"/></Annotation></ASAP_Annotations>"#,
            "annotation 1: a coordinate is NaN"
        ),
    ])
    func whatIsNoAnnotationSaysWhy(_ name: String, _ text: String, _ reason: String) throws {
        let error = try #require(throws: StorageError.self) { _ = try read(name, text) }
        #expect(error.message.contains(reason))
    }

    @Test func nothingOutsideOfTheFileIsRead() throws {
        let secret = try Scratch()
        try Data("<Coordinate Order='3' X='0' Y='9'/>".utf8).write(to: secret.file("x"))
        let text = """
            <?xml version="1.0"?>
            <!DOCTYPE a [<!ENTITY x SYSTEM "file://\(secret.file("x").path)">]>
            <ASAP_Annotations><Annotation Type="Polygon" PartOfGroup="a">
            <Coordinate Order="0" X="0" Y="0"/><Coordinate Order="1" X="9" Y="0"/>
            <Coordinate Order="2" X="9" Y="9"/>&x;</Annotation></ASAP_Annotations>
            """
        let error = try #require(throws: StorageError.self) { try read("s.xml", text) }
        #expect(error.message.contains("document type") && !error.message.contains("Order"))
    }
}
