import Foundation
import Records
import Testing

@testable import Files
@testable import Imaging
@testable import Storage

/// Files of other tools, by what stands in them and whatever they are called.
@Suite struct AnnotationFormatTests {
    private func read(
        _ text: String,
        as name: String = "s.json",
        classes: [String]? = nil,
        cutting: Set<String> = AnnotatedRegions.excluded
    ) throws -> AnnotatedRegions {
        let scratch = try Scratch()
        try Data(text.utf8).write(to: scratch.file(name))
        return try AnnotatedRegions(contentsOf: scratch.file(name), classes: classes, cutting: cutting)
    }

    private func feature(_ classification: String, side: Int) -> String {
        """
        {"type": "Feature", "properties": {"classification": \(classification)}, "geometry": {"type": "Polygon",
         "coordinates": [[[0, 0], [\(side), 0], [\(side), \(side)], [0, \(side)]]]}}
        """
    }

    @Test func ignoreIsSkippedAndEveryOtherClassIsARegion() throws {
        let names = [
            "\"Ignore*\"", "\"Region*\"", "\"Ignore\"", "null", "{\"name\": \"Immune cells\"}",
            "{\"name\": \"ignore*\"}",
        ]
        let list = names.enumerated().map { feature($1, side: $0 + 1) }.joined(separator: ",")
        let drawn = try read("[\(list)]")
        #expect(drawn.regions.map(\.area) == [4, 9, 16, 25] && drawn.exclusions.isEmpty)
        #expect(drawn.skipped == SkippedFeatures([.ignored: 2]))
        #expect(try read("[\(list)]", classes: ["Ignore*"]).regions.map(\.area) == [1, 36])
    }

    @Test func whatIsCutOutIsKnownInAnyFormOfItsClass() throws {
        let names = [
            "{\"name\": \"Exclude\"}", "\"EXCLUDED\"", "{\"names\": [\"Tumor\", \"exclude\"]}",
            "{\"name\": \"Exclude: pen\"}",
            "{\"names\": [\"Tumor\", \"Edge\"]}",
        ]
        let list = names.enumerated().map { feature($1, side: $0 + 1) }.joined(separator: ",")
        let drawn = try read("[\(list)]")
        #expect(drawn.exclusions.map(\.area) == [1, 4, 9, 16] && drawn.regions.map(\.area) == [25])
        #expect(try read("[\(list)]", classes: ["edge"]).regions.map(\.area) == [25])
    }

    private func asap(_ type: String, _ corners: [String]) -> String {
        let list = corners.enumerated().map { "<Coordinate Order=\"\($0)\" \($1)/>" }.joined()
        return "<Annotation Type=\"\(type)\" PartOfGroup=\"None\"><Coordinates>\(list)</Coordinates></Annotation>"
    }

    @Test func asapWritesADecimalCommaAndDotsAreCounted() throws {
        let triangle = [#"X="0,5" Y="0""#, #"X="10,5" Y="0""#, #"X=" 10.5 " Y="10""#]
        let list = [
            asap("Polygon", triangle), asap("Spline", triangle), asap("Rectangle", triangle),
            asap("Dot", [triangle[0]]),
            asap("PointSet", triangle), asap("Measurement", Array(triangle.prefix(2))), asap("Polygon", []),
            asap("Star", triangle),
        ]
        let drawn = try read(
            "<ASAP_Annotations><Annotations>\(list.joined())</Annotations></ASAP_Annotations>",
            as: "s.geojson"
        )
        #expect(drawn.regions.map(\.area) == [50, 50, 50] && drawn.regions[0].outer[0].x == 0.5)
        #expect(drawn.skipped == SkippedFeatures([.point: 2, .line: 1, .empty: 1, .other: 1]))
    }

    @Test(arguments: [String.Encoding.utf8, .utf16, .isoLatin1], ["", "<?xml version=\"1.0\"?>"])
    func lettersOfEveryKindAreReadInXML(_ encoding: String.Encoding, _ head: String) throws {
        let corners = (0..<3).map { "<Coordinate X=\"\($0)\" Y=\"\($0 * $0)\"/>" }.joined()
        let text =
            "\(head)<ASAP_Annotations><Annotation Type=\"Polygon\" PartOfGroup=\"Müll\">\(corners)</Annotation></ASAP_Annotations>"
        let scratch = try Scratch()
        try #require(text.data(using: encoding)).write(to: scratch.file("s.xml"))
        #expect(try AnnotatedRegions(contentsOf: scratch.file("s.xml"), classes: ["müll"]).regions.map(\.area) == [1])
    }

    private func region(_ type: String, _ corners: [(Int, Int)], negative: Int = 0, text: String = "") -> String {
        let list = corners.map { "<Vertex X=\"\($0.0)\" Y=\"\($0.1)\" Z=\"0\"/>" }.joined()
        return
            "<Region Id=\"1\" Type=\"\(type)\" NegativeROA=\"\(negative)\" Text=\"\(text)\"><Vertices>\(list)</Vertices></Region>"
    }

    private func square(_ at: Int, _ side: Int) -> [(Int, Int)] {
        [(at, at), (at + side, at), (at + side, at + side), (at, at + side)]
    }

    @Test func imageScopeHasLayersHolesAndShapes() throws {
        let first = [
            region("0", square(0, 100)), region("0", square(10, 20), negative: 1), region("1", [(200, 0), (300, 50)]),
            region("2", [(400, 0), (500, 100)]), region("3", [(0, 0), (9, 9)]), region("4", [(0, 0), (9, 9)]),
            region("0", [(5, 5)]), region("0", []), region("7", square(0, 9)),
        ]
        let second = [region("0", square(15, 5), text: "stroma"), region("0", square(900, 10), negative: 1)]
        let text = """
            <?xml version="1.0" encoding="UTF-8"?><Annotations MicronsPerPixel="0.25">
            <Annotation Id="1" Name=""><Attributes><Attribute Name="Tumor"/></Attributes><Regions>\(first.joined())</Regions></Annotation>
            <Annotation Id="2" Name="Other"><Regions>\(second.joined())</Regions></Annotation></Annotations>
            """
        let drawn = try read(text, as: "s.xml")
        #expect(drawn.origin == .slide)
        #expect(drawn.regions.map { $0.area.rounded() } == [9600, 5000, 7851, 25])
        #expect(drawn.regions[0].holes.count == 1 && drawn.exclusions.map(\.area) == [100])
        // Another layer's region in the hole of the first stays one.
        #expect(drawn.contains(PlanePoint(x: 17, y: 17)) && !drawn.contains(PlanePoint(x: 12, y: 12)))
        #expect(drawn.skipped == SkippedFeatures([.point: 1, .line: 2, .empty: 1, .other: 1]))
        #expect(try read(text, classes: ["tumor"]).regions.count == 3)
        #expect(try read(text, classes: ["stroma"]).regions.map(\.area) == [25])
    }

    @Test func everyFormatIsInTheDocumentWithItsEnding() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let document = try String(contentsOf: root.appending(path: "docs/annotations.md"), encoding: .utf8)
        for reader in AnnotationReader.all {
            let row = "\n| \(reader.name) | \(reader.ending) | \(reader.isRead ? "yes" : "no") |"
            #expect(document.contains(row), "\(reader.name)")
            #expect(AnnotatedRegions.fileEndings.contains(reader.ending))
        }
        #expect(Set(AnnotationReader.all.map(\.name)).count == AnnotationReader.all.count)
        #expect(AnnotatedRegions.fileEndings == ["geojson", "xml", "json", "annotations", "ndpa"])
        #expect(AnnotatedRegions.fileNames == "ID.geojson, ID.xml or ID.json")
    }

    @Test(arguments: [
        (
            "HALO",
            #"<Annotations><Annotation Name="T"><Regions><Region Type="Polygon"><Vertices><V X="1" Y="2"/></Vertices></Region></Regions></Annotation></Annotations>"#
        ),
        (
            "NDP.view",
            #"<?xml version="1.0"?><annotations><ndpviewstate id="1"><annotation type="freehand"/></ndpviewstate></annotations>"#
        ),
        ("Sectra", #"{"id": "1", "type": "Area", "slideId": "2", "content": [{"x": 0.1, "y": 0.2}]}"#),
        ("Sectra", #"[{"id": "1", "type": "Area", "slideId": "2", "content": [{"x": 0.1, "y": 0.2}]}]"#),
    ])
    func whatIsNotReadIsNamedWithTheWayOut(_ tool: String, _ text: String) throws {
        for name in ["s.xml", "s.json", "s.geojson"] {
            let error = try #require(throws: StorageError.self) { _ = try read(text, as: name) }
            #expect(error.message == "annotations of \(tool), which are not read; export GeoJSON from QuPath")
        }
    }

    /// Foundation's parser stops the process at some letters; whatever the bytes are, the answer is regions or an error.
    @Test func damagedXMLIsAnErrorAndNoCrash() throws {
        let scratch = try Scratch()
        let corners = (0..<3).map { "<Coordinate X=\"\($0)\" Y=\"\($0 * $0)\"/>" }.joined()
        let whole = Data(
            "<?xml version=\"1.0\"?><ASAP_Annotations><Annotation Type=\"Polygon\">\(corners)</Annotation></ASAP_Annotations>"
                .utf8
        )
        var random = CounterRandom(seed: 1, "xml")
        for round in 0..<400 {
            var bytes = whole
            for _ in 0...round % 4 { bytes[random.index(below: bytes.count)] = UInt8(random.index(below: 256)) }
            if round % 5 == 0 { bytes = bytes.prefix(random.index(below: bytes.count)) }
            try bytes.write(to: scratch.file("s.xml"))
            _ = try? AnnotatedRegions(contentsOf: scratch.file("s.xml"))
        }
        for bytes in [
            [0x3C, 0xFF, 0xFF, 0xFF, 0xFF], [0x3C, 0, 0, 0, 0, 0], [0x3C, 0xFE, 0x3E], [0xFF, 0xFE, 0x3C, 0xD8],
        ] as [[UInt8]] {
            try Data(bytes).write(to: scratch.file("s.xml"))
            #expect(throws: StorageError.self) { try AnnotatedRegions(contentsOf: scratch.file("s.xml")) }
        }
    }

    @Test func entitiesThatGrowAreRefused() throws {
        let entities = (1...9).map { "<!ENTITY e\($0) \"\(String(repeating: "&e\($0 - 1);", count: 20))\">" }.joined()
        let text = """
            <?xml version="1.0"?><!DOCTYPE a [<!ENTITY e0 "xxxxxxxxxx">\(entities)]>
            <ASAP_Annotations><Annotation Type="Polygon" PartOfGroup="&e9;"/></ASAP_Annotations>
            """
        #expect(throws: StorageError.self) { _ = try read(text, as: "s.xml") }
    }

    /// Real files of other tools, where they are at hand.
    private static let real = URL(filePath: "../shared/data/field/annotations", directoryHint: .isDirectory)

    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: real.path)),
        arguments: [
            ("qupath05.geojson", 3, ""), ("holed.geojson", 1, ""), ("large_image_sample.geojson", 10, ""),
            ("mix.geojson", 1, "1 line, 1 without a geometry"), ("qupath-line.json", 0, "1 line"),
            ("qupath-multipoint.json", 0, "1 point"), ("asap-polygon.xml", 1, ""), ("asap-pointset.xml", 0, "1 point"),
            ("imagescope_TCGA-EJ-5518.xml", 4, ""), ("variants/points_lines.geojson", 1, "2 points, 1 line"),
            ("variants/class_ignore.geojson", 1, "1 of the class Ignore*"), ("variants/geomcoll.geojson", 1, ""),
            ("variants/asap_comma.xml", 1, ""), ("variants/aperio.xml", 1, ""), ("variants/bare_geom.geojson", 1, ""),
        ]
    )
    func filesOfOtherToolsGiveTheirAreas(_ name: String, _ regions: Int, _ skipped: String) throws {
        let drawn = try AnnotatedRegions(contentsOf: Self.real.appending(path: name))
        #expect(drawn.regions.count == regions && drawn.skipped.words == skipped)
    }
}
