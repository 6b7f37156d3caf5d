import Foundation
import Records
import TestSupport
import Testing

@testable import Files
@testable import Storage

@Suite struct SafeTensorsTests {
    /// A file of a JSON header and a body, as another program may write it.
    private func file(_ header: String, body: Int = 0, declared: UInt64? = nil) -> Data {
        var length = (declared ?? UInt64(header.utf8.count)).littleEndian
        return withUnsafeBytes(of: &length) { Data($0) } + Data(header.utf8) + Data(repeating: 1, count: body)
    }

    private func read(_ data: Data) throws -> SafeTensors {
        let scratch = try Scratch()
        try data.write(to: scratch.file("a.safetensors"))
        return try SafeTensors(contentsOf: scratch.file("a.safetensors"))
    }

    private func refusal(_ data: Data) throws -> String {
        let error = try #require(throws: StorageError.self) { try read(data) }
        guard case .malformed(_, let reason) = error else {
            Issue.record("\(error)")
            return ""
        }
        #expect(error.code.exitStatus == .integrity)
        #expect(reason.hasPrefix("not a safetensors file: "))
        return String(reason.dropFirst("not a safetensors file: ".count))
    }

    @Test func tensorsAndMetadataComeBackAsTheyWere() throws {
        let file = SafeTensors(
            tensors: [
                "b.weight": StoredTensor(shape: [2, 3], floats: [1, -2, 0.5, .infinity, 0x1p-140, -0.0]),
                "a.count": StoredTensor(kind: .int64, shape: [], bytes: Data([7, 0, 0, 0, 0, 0, 0, 0])),
                "empty": StoredTensor(shape: [0, 4], floats: []),
                "mask": StoredTensor(kind: .bool, shape: [3], bytes: Data([1, 0, 1])),
            ],
            metadata: ["format": "pt", "ä": "\"quoted\"\n"]
        )
        let back = try read(file.data())
        #expect(back == file)
        #expect(back.tensors["b.weight"]?.floats == [1, -2, 0.5, .infinity, 0x1p-140, 0])
        #expect(back.tensors["a.count"]?.array(of: Int64.self) == [7])
        #expect(back.tensors["mask"]?.floats == nil)
    }

    @Test func theBytesOfAFileNeverChange() throws {
        let file = SafeTensors(
            tensors: ["b": StoredTensor(shape: [1], floats: [1]), "a": StoredTensor(shape: [1], floats: [2])],
            metadata: ["k": "v"]
        )
        let header =
            #"{"__metadata__":{"k":"v"},"a":{"data_offsets":[0,4],"dtype":"F32","shape":[1]},"#
            + #""b":{"data_offsets":[4,8],"dtype":"F32","shape":[1]}}"#
        let padded = header + String(repeating: " ", count: (8 - header.count % 8) % 8)
        let expected = self.file(padded) + Data([0, 0, 0, 0x40, 0, 0, 0x80, 0x3F])
        #expect(try file.data() == expected)
        #expect(try (expected.count - 8) % 8 == 0 && file.data() == file.data())
    }

    @Test func halfPrecisionBecomesTheSameNumbers() throws {
        func tensor(_ kind: StoredTensor.Kind, _ words: [UInt16]) -> StoredTensor {
            StoredTensor(kind: kind, shape: [words.count], bytes: words.withUnsafeBytes { Data($0) })
        }
        // 1, -2, 65504 (largest), 2^-24 (smallest), -0, infinity
        let half = tensor(.float16, [0x3C00, 0xC000, 0x7BFF, 0x0001, 0x8000, 0x7C00])
        #expect(half.floats == [1, -2, 65504, 0x1p-24, -0.0, .infinity])
        // 1, -2, 3.140625, 2^-126
        let brain = tensor(.bfloat16, [0x3F80, 0xC000, 0x4049, 0x0080])
        #expect(brain.floats == [1, -2, 3.140625, 0x1p-126])
        let nan = try #require(tensor(.bfloat16, [0x7FC0]).floats?.first)
        #expect(nan.isNaN)
        let double = StoredTensor(kind: .float64, shape: [1], bytes: withUnsafeBytes(of: 0.1) { Data($0) })
        #expect(double.floats == [0.1 as Float])
    }

    @Test func aHeaderOfAnotherWriterIsRead() throws {
        let tensors = try read(
            file(#" { "t" : {"shape": [2,2], "dtype": "U8", "data_offsets": [0, 4]}, "__metadata__": {} }   "#, body: 4)
        )
        #expect(tensors.tensors == ["t": StoredTensor(kind: .uint8, shape: [2, 2], bytes: Data([1, 1, 1, 1]))])
    }

    @Test func aFileThatEndsEarlyIsRefused() throws {
        #expect(try refusal(Data()) == "the file is empty; download it again")
        #expect(try refusal(Data(count: 7)) == "shorter than its header")
        let whole = try SafeTensors(tensors: ["a": StoredTensor(shape: [4], floats: [1, 2, 3, 4])]).data()
        for cut in [1, 4, 16] {
            #expect(
                try refusal(whole.dropLast(cut))
                    == "\(16 - cut) of the 16 bytes of its tensors are there; download it again"
            )
        }
        for cut in [17, whole.count - 9] {
            let wanted = "it ends inside of its header, after \(whole.count - cut) bytes; download it again"
            #expect(try refusal(whole.dropLast(cut)) == wanted)
        }
        #expect(try refusal(file("{}", declared: 3)).hasPrefix("it ends inside of its header, after 10 bytes"))
    }

    @Test(arguments: [UInt64(100_000_001), UInt64(Int64.max), 1 << 63, .max, .max - 7])
    func aHeadersLengthOutsideTheFileIsRefused(length: UInt64) throws {
        #expect(try refusal(file("{}", declared: length)) == "the header's length is out of range")
    }

    @Test(arguments: ["", "null", "[1]", "{\"a\": ", "\u{0}\u{0}", "{\"a\": NaN}"])
    func aHeaderThatIsNoJSONObjectIsRefused(header: String) throws {
        #expect(try refusal(file(header)) == "the header is no JSON object")
    }

    @Test func aDeeplyNestedHeaderIsRefused() throws {
        let nested = String(repeating: "[", count: 200_000) + String(repeating: "]", count: 200_000)
        #expect(try refusal(file("{\"a\": \(nested)}")) == "the header is no JSON object")
    }

    @Test(arguments: [
        (#"[0, 5]"#, "[4]"), (#"[0, 3]"#, "[4]"), (#"[4, 0]"#, "[4]"), (#"[-4, 0]"#, "[4]"), (#"[1, 6]"#, "[4]"),
        (#"[-9223372036854775808, 9223372036854775807]"#, "[4]"),
    ])
    func offsetsThatDoNotFitTheFileOrTheShapeAreRefused(offsets: String, shape: String) throws {
        let header = #"{"t": {"dtype": "U8", "shape": \#(shape), "data_offsets": \#(offsets)}}"#
        #expect(try refusal(file(header, body: 4)) == "t: the data lies outside the file or does not fit the shape")
    }

    @Test(arguments: [
        (#"[1, 5]"#, "[4]"), (#"[8, 12]"#, "[4]"), (#"[0, 9223372036854775807]"#, "[9223372036854775807]"),
    ])
    func tensorsBeyondTheEndAreAFileThatEndsEarly(offsets: String, shape: String) throws {
        let header = #"{"t": {"dtype": "U8", "shape": \#(shape), "data_offsets": \#(offsets)}}"#
        #expect(try refusal(file(header, body: 4)).hasPrefix("4 of the "))
    }

    @Test(arguments: [
        "[4294967296, 4294967296]", "[9223372036854775807, 2]", "[-1, 4]", "[-2, -2]", "[-9223372036854775808]",
    ])
    func shapesThatOverflowOrAreNegativeAreRefused(shape: String) throws {
        let header = #"{"t": {"dtype": "F32", "shape": \#(shape), "data_offsets": [0, 4]}}"#
        #expect(try refusal(file(header, body: 4)) == "t: the shape is out of range")
    }

    @Test(arguments: [
        #"{"dtype": "F32", "shape": [1]}"#, #"{"dtype": "F32", "shape": [1], "data_offsets": [0]}"#,
        #"{"dtype": "F32", "shape": [1], "data_offsets": [0, 2, 4]}"#, #"{"shape": [1], "data_offsets": [0, 4]}"#,
        #"{"dtype": 3, "shape": [1], "data_offsets": [0, 4]}"#,
        #"{"dtype": "F32", "shape": 1, "data_offsets": [0, 4]}"#,
        #"{"dtype": "F32", "shape": [1.5], "data_offsets": [0, 4]}"#, "3", "null",
        #"{"dtype": "F32", "shape": [1], "data_offsets": [0, 18446744073709551616]}"#,
        #"{"dtype": "F32", "shape": ["1"], "data_offsets": [0, 4]}"#,
    ])
    func anEntryWithoutItsThreeFieldsIsRefused(entry: String) throws {
        #expect(try refusal(file(#"{"t": \#(entry)}"#, body: 4)) == "t: dtype, shape or data_offsets is missing")
    }

    @Test func anUnknownElementTypeIsNamed() throws {
        let header = #"{"t": {"dtype": "F8_E4M3", "shape": [4], "data_offsets": [0, 4]}}"#
        #expect(try refusal(file(header, body: 4)) == "t: dtype F8_E4M3 is not supported")
    }

    @Test func overlapsGapsAndLeftoversAreRefused() throws {
        func two(_ a: String, _ b: String, body: Int = 8) throws -> String {
            try refusal(
                file(
                    #"{"a": {"dtype": "U8", "shape": [4], "data_offsets": \#(a)}, "b": {"dtype": "U8", "shape": [4], "#
                        + #""data_offsets": \#(b)}}"#,
                    body: body
                )
            )
        }
        #expect(try two("[0, 4]", "[2, 6]") == "b: the data overlaps or leaves a gap")
        #expect(try two("[0, 4]", "[0, 4]").hasSuffix(": the data overlaps or leaves a gap"))
        #expect(try two("[0, 4]", "[5, 9]", body: 9) == "b: the data overlaps or leaves a gap")
        #expect(try two("[4, 8]", "[8, 12]", body: 12) == "a: the data overlaps or leaves a gap")
        #expect(try two("[4, 8]", "[0, 4]", body: 9) == "bytes after the last tensor")
        #expect(try refusal(file("{}", body: 1)) == "bytes after the last tensor")
    }

    @Test(arguments: [#"{"k": 1}"#, "[]", "\"x\"", "null"])
    func metadataOfAnotherTypeIsRefused(metadata: String) throws {
        #expect(
            try refusal(file(#"{"__metadata__": \#(metadata)}"#)) == "__metadata__ holds something else than strings"
        )
    }

    @Test func aMissingFileAndAFolderAreWrongPaths() throws {
        let scratch = try Scratch()
        for (url, call, reason) in [(scratch.file("none"), "open", ENOENT), (scratch.folder, "read", EISDIR)] {
            let error = try #require(throws: StorageError.self) { try SafeTensors(contentsOf: url) }
            #expect(error == .system(path: url.path, call: call, errno: reason))
        }
    }
}
