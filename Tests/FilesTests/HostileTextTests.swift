import Foundation
import Records
import TestSupport
import Testing

@testable import Files
@testable import Imaging

/// Texts that would stop a parser, or fill the memory.
@Suite struct HostileTextTests {
    private struct Config: Decodable, Equatable { var a: Int }

    private func written(_ bytes: Data) throws -> Config {
        let scratch = try Scratch()
        try bytes.write(to: scratch.file("c.json"))
        return try CanonicalJSON.read(Config.self, written: scratch.file("c.json"))
    }

    private func refusal(_ bytes: Data) throws -> String {
        try #require(throws: StorageError.self) { try written(bytes) }.message
    }

    @Test(arguments: [String.Encoding.utf8, .utf16, .utf16LittleEndian, .utf16BigEndian, .utf32])
    func aConfigIsUnicodeInAnyForm(_ encoding: String.Encoding) throws {
        #expect(try written(#require("{\"a\": 1}".data(using: encoding))) == Config(a: 1))
    }

    @Test(arguments: [
        ("{\"a\": 1, \"a\": 2}", "not valid JSON: the key a occurs twice in line 1"),
        ("{\"a\": 1,\n \"\\u0061\": 2}", "not valid JSON: the key a occurs twice in line 2"),
        ("{\"a\": 1, \"b\": {\"c\": [{\"d\": 1, \"d\": 2}]}}", "not valid JSON: the key b.c.d occurs twice in line 1"),
        ("{\"a\": 1,\n}", "not valid JSON: a comma before a closing bracket in line 2"),
        ("{\"a\": [1, ]}", "not valid JSON: a comma before a closing bracket in line 1"),
        (String(repeating: "[", count: 100_000), "not valid JSON: nested more than 64 levels deep in line 1"),
        (String(repeating: "{\"a\":", count: 100_000), "not valid JSON: nested more than 64 levels deep in line 1"),
    ])
    func aConfigSaysEachThingOnce(text: String, message: String) throws {
        #expect(try refusal(Data(text.utf8)) == message)
    }

    @Test func keysOfDifferentObjectsAndTextsThatLookLikeBracketsAreNoMatter() throws {
        #expect(try written(Data(#"{"b": [{"a": "a"}, {"a": "],}\\\""}], "a": 1}"#.utf8)) == Config(a: 1))
    }

    @Test func lettersThatAreNoUnicodeAreNamedWithTheirLine() throws {
        let message = try refusal(Data("{\"a\": 1,\n \"b\": \"".utf8) + [0xE4] + Data("\"}".utf8))
        #expect(message.hasPrefix("not UTF-8 text: byte 0xE4 in line 2, as Windows-1252 or Latin-1 have it; "))
        #expect(message.contains("iconv -f WINDOWS-1252 -t UTF-8"))
    }

    @Test(
        arguments: [
            [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE0, 0x80, 0x80], [0xF5, 0x80], [0x80],
            [0xC3],
            [0xF0, 0x8F, 0x80, 0x80], [0xE4, 0xBD],
        ] as [[UInt8]]
    )
    func whatIsNoUTF8IsFoundWhereItBegins(bytes: [UInt8]) {
        #expect(String(validating: bytes, as: UTF8.self) == nil)
        #expect(UTF8Text.fault(in: Data(bytes)) == 0)
        #expect(UTF8Text.fault(in: Data("äöü 日本 🔬 and more".utf8) + bytes) == 27)
        #expect(UTF8Text.fault(in: Data("äöü 日本 🔬 and more".utf8)) == nil)
    }

    @Test func aConfigOf32MegabytesIsTheWrongFile() throws {
        let scratch = try Scratch()
        try Data().write(to: scratch.file("c.json"))
        let handle = try FileHandle(forWritingTo: scratch.file("c.json"))
        // A hole: nothing is stored.
        try handle.truncate(atOffset: UInt64(TextLimit.person) + 1)
        let error = try #require(throws: StorageError.self) {
            try CanonicalJSON.read(Config.self, written: scratch.file("c.json"))
        }
        #expect(error.message.hasPrefix("33 MB are more than the 32 MB that such a file may have; "))
        let table = try #require(throws: StorageError.self) { try Table(contentsOf: scratch.file("c.json")) }
        #expect(table.code == .table && table.message.hasPrefix("33 MB are more than the 32 MB"))
        try handle.truncate(atOffset: UInt64(TextLimit.program) + 1)
        let areas = try #require(throws: StorageError.self) { try AnnotatedRegions(contentsOf: scratch.file("c.json")) }
        #expect(areas.message.contains("513 MB are more than the 512 MB"))
        #expect(
            areas.message.hasSuffix("export the annotations without detections, or the areas that are needed alone")
        )
    }

    private func regions(_ bytes: Data) throws -> AnnotatedRegions {
        let scratch = try Scratch()
        try bytes.write(to: scratch.file("a.xml"))
        return try AnnotatedRegions(contentsOf: scratch.file("a.xml"))
    }

    @Test(arguments: [
        (
            "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><ASAP_Annotations/>",
            "XML with a document type or entities (<!DOCTYPE)"
        ),
        (" \n<!ENTITY x 'y'><ASAP_Annotations/>", "XML with a document type or entities (<!ENTITY)"),
        (String(repeating: "<a>", count: 100_000), "XML nested more than 64 elements deep"),
        (
            String(repeating: "<a b='>'>", count: 65) + String(repeating: "</a>", count: 65),
            "XML nested more than 64 elements deep"
        ),
    ])
    func xmlThatNoAnnotationsNeedIsRefusedByName(text: String, message: String) throws {
        let error = try #require(throws: StorageError.self) { try regions(Data(text.utf8)) }
        #expect(error.message.hasPrefix(message))
    }

    @Test func bytesThatAreNoTextEndInAnError() throws {
        #expect(throws: StorageError.self) { try regions(Data([0x3C, 0xFF, 0xFF, 0xFF])) }
        // The mark of UTF-32, and bytes that are none.
        #expect(throws: StorageError.self) {
            try regions(Data([0, 0, 0xFE, 0xFF] + Array("<a b".utf8) + [0xBF, 0x3D]))
        }
    }

    @Test func whatXMLSaysOfItsLettersDoesNotMatter() throws {
        let body = "<ASAP_Annotations><!-- <!DOCTYPE --><Annotations/></ASAP_Annotations>"
        #expect(try regions(Data("<?xml version=\"1.0\" encoding=\"EBCDIC\"?>\n\(body)".utf8)).regions.isEmpty)
    }

    /// Foundation's parser ends the process at `<?a?>`. In a comment it is none.
    @Test func aProcessingInstructionIsPassedOver() throws {
        let element = "<a><?b?><!-- <?c --><?d e?></a>"
        for text in ["<?a?>\(element)", "<?xml version=\"1.0\"?>\n<?a?>\n<?b c?>\(element)\n<?d?>"] {
            #expect(try XMLTree(Data(text.utf8)).root.name == "a")
        }
        for text in ["<a><?b", "<?a b?><?c", "<a <?b?>/>", "<a b='<?b?>'/>", "<<?b c?>?b?><a/>"] {
            #expect(throws: XMLTree.Fault.self) { try XMLTree(Data(text.utf8)) }
        }
    }

    private func problems(_ bytes: Data) throws -> [String] {
        let scratch = try Scratch()
        try bytes.write(to: scratch.file("t.csv"))
        let error = try #require(throws: StorageError.self) { try Table(contentsOf: scratch.file("t.csv")) }
        guard case .table(_, let problems) = error else { return [error.message] }
        return problems
    }

    @Test func aTableInUTF16IsToldTheWayOut() throws {
        for encoding in [String.Encoding.utf16, .utf16LittleEndian, .utf16BigEndian] {
            let text = try #require("slide_id\tlabel\na\t1\n".data(using: encoding))
            #expect(try problems(text).first?.hasPrefix("not UTF-8 text but UTF-16; save it as 'CSV UTF-8'") == true)
        }
    }

    @Test func aNULIsNoText() throws {
        #expect(try problems(Data("a,b\n1,2\n3,\0\n".utf8)) == ["line 3: a NUL character; this is no text"])
    }

    @Test func aTableOfTooManyColumnsIsTheWrongOne() throws {
        let text = Data((String(repeating: "c,", count: 200_000) + "d\n").utf8)
        #expect(try problems(text) == ["line 1: more than 16384 columns; is this the table that was meant?"])
    }

    @Test func aTableThatIsWrongInEachLineSaysSoOnce() throws {
        let found = try problems(Data(("a,b\n" + String(repeating: "1\n", count: 5000)).utf8))
        #expect(found.count == 1001 && found.last == "4000 more such lines")
    }

    @Test func aFeatureAtATimeIsReadAsAllAtOnce() throws {
        let scratch = try Scratch()
        let square = "[[[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]]]"
        let feature = """
            {"type": "Feature", "properties": {"name": "a, ]}", "measurements": {"x": NaN}},
             "geometry": {"type": "Polygon", "coordinates": \(square)}}
            """
        let text = """
            {"features" : [\(feature) , null, {"type": "FeatureCollection", "features": [\(feature)]}],
             "wsi_origin": "bounds", "type": "FeatureCollection"}
            """
        try Data(text.utf8).write(to: scratch.file("a.geojson"))
        let read = try GeoJSON(contentsOf: scratch.file("a.geojson"))
        #expect(read.features.count == 2 && read.origin == .bounds && read.skipped.total == 1)
        #expect(read.features[1].properties == ["name": .string("a, ]}")])
        for broken in [text + " x", String(text.dropLast(3)), text.replacing("null", with: "nul")] {
            try Data(broken.utf8).write(to: scratch.file("a.geojson"))
            #expect(throws: StorageError.self) { try GeoJSON(contentsOf: scratch.file("a.geojson")) }
        }
    }
}
