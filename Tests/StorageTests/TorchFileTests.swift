import Foundation
import Records
import TestSupport
import Testing

@testable import Files
@testable import Storage

/// Archives as `torch.save` writes them. The pickles are those of PyTorch 2.13 for `arange(6).reshape(3, 2) / 4` and its like.
@Suite struct TorchFileTests {
    private static let plain = """
        gAJjdG9yY2guX3V0aWxzCl9yZWJ1aWxkX3RlbnNvcl92MgpxACgoWAcAAABzdG9yYWdlcQFjdG9yY2gKRmxvYXRTdG9yYWdlCnECWAEAAAAw\
        cQNYAwAAAGNwdXEESwZ0cQVRSwBLA0sChnEGSwJLAYZxB4ljY29sbGVjdGlvbnMKT3JkZXJlZERpY3QKcQgpUnEJdHEKUnELLg==
        """
    private static let parameter = """
        gAJjdG9yY2guX3V0aWxzCl9yZWJ1aWxkX3BhcmFtZXRlcgpxAGN0b3JjaC5fdXRpbHMKX3JlYnVpbGRfdGVuc29yX3YyCnEBKChYBwAAAHN0\
        b3JhZ2VxAmN0b3JjaApGbG9hdFN0b3JhZ2UKcQNYAQAAADBxBFgDAAAAY3B1cQVLBnRxBlFLAEsDSwKGcQdLAksBhnEIiWNjb2xsZWN0aW9u\
        cwpPcmRlcmVkRGljdApxCSlScQp0cQtScQyIaAkpUnENh3EOUnEPLg==
        """
    /// Rows 3 to 5 of ten: the storage holds all ten.
    private static let view = """
        gAJjdG9yY2guX3V0aWxzCl9yZWJ1aWxkX3RlbnNvcl92MgpxACgoWAcAAABzdG9yYWdlcQFjdG9yY2gKRmxvYXRTdG9yYWdlCnECWAEAAAAw\
        cQNYAwAAAGNwdXEESxR0cQVRSwZLA0sChnEGSwJLAYZxB4ljY29sbGVjdGlvbnMKT3JkZXJlZERpY3QKcQgpUnEJdHEKUnELLg==
        """
    /// `arange(6).reshape(2, 3).t()`.
    private static let transposed = """
        gAJjdG9yY2guX3V0aWxzCl9yZWJ1aWxkX3RlbnNvcl92MgpxACgoWAcAAABzdG9yYWdlcQFjdG9yY2gKRmxvYXRTdG9yYWdlCnECWAEAAAAw\
        cQNYAwAAAGNwdXEESwZ0cQVRSwBLA0sChnEGSwFLA4ZxB4ljY29sbGVjdGlvbnMKT3JkZXJlZERpY3QKcQgpUnEJdHEKUnELLg==
        """
    /// `{"features": …, "coords": int64}`.
    private static let dictionary = """
        gAJ9cQAoWAgAAABmZWF0dXJlc3EBY3RvcmNoLl91dGlscwpfcmVidWlsZF90ZW5zb3JfdjIKcQIoKFgHAAAAc3RvcmFnZXEDY3RvcmNoCkZs\
        b2F0U3RvcmFnZQpxBFgBAAAAMHEFWAMAAABjcHVxBksGdHEHUUsASwNLAoZxCEsCSwGGcQmJY2NvbGxlY3Rpb25zCk9yZGVyZWREaWN0CnEK\
        KVJxC3RxDFJxDVgGAAAAY29vcmRzcQ5oAigoaANjdG9yY2gKTG9uZ1N0b3JhZ2UKcQ9YAQAAADFxEGgGSwZ0cRFRSwBLA0sChnESSwJLAYZx\
        E4loCilScRR0cRVScRZ1Lg==
        """
    private static let integers = """
        gAJjdG9yY2guX3V0aWxzCl9yZWJ1aWxkX3RlbnNvcl92MgpxACgoWAcAAABzdG9yYWdlcQFjdG9yY2gKTG9uZ1N0b3JhZ2UKcQJYAQAAADBx\
        A1gDAAAAY3B1cQRLBnRxBVFLAEsDSwKGcQZLAksBhnEHiWNjb2xsZWN0aW9ucwpPcmRlcmVkRGljdApxCClScQl0cQpScQsu
        """
    /// Would call `os.system("touch /tmp/pwned")`.
    private static let hostile = "gAJjcG9zaXgKc3lzdGVtCnEAWBAAAAB0b3VjaCAvdG1wL3B3bmVkcQGFcQJScQMu"
    private static let quarters: [Float] = [0, 0.25, 0.5, 0.75, 1, 1.25]

    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func pickle(_ base64: String) throws -> Data { try #require(Data(base64Encoded: base64)) }

    private func archive(_ pickle: Data, storage: Data, order: String = "little") -> Data {
        StoredZip.archive([
            ("slide/data.pkl", pickle), ("slide/byteorder", Data(order.utf8)), ("slide/data/0", storage),
            ("slide/version", Data("3\n".utf8)),
        ])
    }

    private func archive(_ base64: String, _ floats: [Float] = quarters) throws -> Data {
        archive(try pickle(base64), storage: floats.withUnsafeBytes { Data($0) })
    }

    private func read(_ archive: Data) throws -> FeatureFile {
        let url = scratch.file("slide.pt")
        try archive.write(to: url)
        return try FeatureFile(contentsOf: url)
    }

    private func refusal(_ archive: Data) throws -> String {
        try #require(throws: StorageError.self) { try read(archive) }.message
    }

    @Test(arguments: [plain, parameter, dictionary]) func aTensorIsReadAlsoAsAParameterOrInADictionary(_ base64: String)
        throws
    {
        let file = try read(archive(base64))
        #expect((file.count, file.width) == (3, 2))
        #expect(file.features == Self.quarters)
        #expect(file.corners.isEmpty && file.encoder == nil)
    }

    @Test func aWindowOnAStorageAndATransposedOneGiveTheirOwnElements() throws {
        #expect(try read(archive(Self.view, (0..<20).map { Float($0) })).features == [6, 7, 8, 9, 10, 11])
        #expect(try read(archive(Self.transposed, (0..<6).map { Float($0) })).features == [0, 3, 1, 4, 2, 5])
    }

    @Test(arguments: [("HalfStorage", 2), ("BFloat16Storage", 2), ("DoubleStorage", 8)])
    func otherFloatingPointNumbersArePromoted(storage: String, width: Int) throws {
        let bytes = try Self.replacing("FloatStorage", with: storage, in: pickle(Self.plain))
        let numbers: Data =
            switch storage {
            case "HalfStorage": Self.quarters.map { Float16($0) }.withUnsafeBytes { Data($0) }
            case "DoubleStorage": Self.quarters.map { Double($0) }.withUnsafeBytes { Data($0) }
            default: Self.quarters.map { UInt16($0.bitPattern >> 16) }.withUnsafeBytes { Data($0) }
            }
        #expect(numbers.count == 6 * width)
        #expect(try read(archive(bytes, storage: numbers)).features == Self.quarters)
    }

    private static func replacing(_ word: String, with other: String, in data: Data) throws -> Data {
        let place = try #require(data.range(of: Data(word.utf8)))
        return data[..<place.lowerBound] + Data(other.utf8) + data[place.upperBound...]
    }

    @Test func aPickleThatNamesAnythingElseIsRefusedByThatName() throws {
        let message = try refusal(archive(Self.hostile))
        #expect(message.contains("posix.system") && message.contains("nothing is ever run"))
        #expect(!FileManager.default.fileExists(atPath: "/tmp/pwned"))
    }

    @Test func whatIsNoPlainTensorIsNamed() throws {
        #expect(try refusal(archive(Self.integers)).contains("whole numbers"))
        #expect(try refusal(Data("PK nonsense".utf8)).contains("no zip archive"))
        #expect(try refusal(StoredZip.archive([("a/b", Data())])).contains("data.pkl is missing"))
        #expect(try refusal(archive(Data([0x80, 2, 0x5D, 0x2E]), storage: Data())).contains("opcode 0x5d"))
        #expect(try refusal(archive(Data([0x80, 4, 0x2E]), storage: Data())).contains("protocol 4"))
        #expect(
            try refusal(archive(pickle(Self.plain), storage: Data(count: 24), order: "big")).contains("little-endian")
        )
        #expect(try refusal(archive(pickle(Self.plain), storage: Data(count: 20))).contains("beyond its numbers"))
    }

    @Test func anEmptyBagIsRead() throws {
        var bytes = try pickle(Self.plain)
        // The first side: BININT1 3 becomes BININT1 0.
        let place = try #require(bytes.range(of: Data([0x4B, 3, 0x4B, 2])))
        bytes[place.lowerBound + 1] = 0
        let file = try read(archive(bytes, storage: Data()))
        #expect((file.count, file.width, file.features) == (0, 2, []))
    }

    /// Nothing that a file holds may end the program: every flip is read or refused.
    @Test func damageIsReadOrRefused() throws {
        let whole = try archive(Self.dictionary)
        var random = CounterRandom(seed: 1, "flips")
        var refused = 0
        for place in whole.indices {
            var damaged = whole
            damaged[place] ^= UInt8(1 + random.index(below: 255))
            do { _ = try read(damaged) } catch is StorageError { refused += 1 }
        }
        for length in stride(from: 0, to: whole.count, by: 7) {
            #expect(throws: StorageError.self) { try read(whole.prefix(length)) }
        }
        #expect(refused > 100)
    }
}

/// Zip archives without compression.
enum StoredZip {
    static func archive(_ files: [(name: String, content: Data)]) -> Data {
        var body = Data()
        var directory = Data()
        for (name, content) in files {
            let offset = body.count
            func header(_ signature: UInt32, _ more: [UInt16]) -> Data {
                bytes(signature) + more.reduce(Data()) { $0 + bytes($1) } + bytes(UInt32(0))
                    + bytes(UInt32(content.count)) + bytes(UInt32(content.count)) + bytes(UInt16(name.utf8.count))
                    + bytes(UInt16(0))
            }
            body += header(0x0403_4B50, [20, 0, 0, 0, 0]) + Data(name.utf8) + content
            directory += header(0x0201_4B50, [20, 20, 0, 0, 0, 0]) + Data(count: 10) + bytes(UInt32(offset))
            directory += Data(name.utf8)
        }
        let count = UInt16(files.count)
        return body + directory + bytes(UInt32(0x0605_4B50)) + bytes(UInt32(0)) + bytes(count) + bytes(count)
            + bytes(UInt32(directory.count)) + bytes(UInt32(body.count)) + bytes(UInt16(0))
    }

    private static func bytes(_ number: some FixedWidthInteger) -> Data {
        withUnsafeBytes(of: number.littleEndian) { Data($0) }
    }
}
