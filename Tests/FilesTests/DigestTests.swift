import Foundation
import Records
import TestSupport
import Testing

@testable import Files

@Suite struct DigestTests {
    /// FIPS 180-2, appendix B.1, and the empty message.
    @Test func knownMessagesHaveTheirPublishedDigests() throws {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(Digest.sha256(Data("abc".utf8)) == abc)
        #expect(
            Digest.sha256(Data()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
        let scratch = try Scratch()
        try AtomicFile.write("abc", to: scratch.file("a"))
        #expect(try Digest.sha256(fileAt: scratch.file("a")) == abc)
    }

    @Test func aFileOfSeveralPiecesHasTheDigestOfItsBytes() throws {
        let scratch = try Scratch()
        let data = Data((0..<((4 << 20) + 3)).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        try data.write(to: scratch.file("a"))
        #expect(try Digest.sha256(fileAt: scratch.file("a")) == Digest.sha256(data))
    }

    @Test func smallFilesAreHashedWhole() throws {
        let scratch = try Scratch()
        var data = Data(count: 6 << 20)
        data[3 << 20] = 7
        try data.write(to: scratch.file("a"))
        #expect(try Digest.quick(fileAt: scratch.file("a")) == Digest.sha256(data))
        try Data().write(to: scratch.file("b"))
        #expect(try Digest.quick(fileAt: scratch.file("b")) == Digest.sha256(Data()))
    }

    /// 16 MiB of zeros: the expected value was computed with another program from the documented recipe.
    @Test func theQuickDigestOfALargeFileNeverChanges() throws {
        let scratch = try Scratch()
        try Data(count: 16 << 20).write(to: scratch.file("a"))
        #expect(
            try Digest.quick(fileAt: scratch.file("a"))
                == "6d83d9977cf9fa0261223073f4b43ed6850ae42a9ecd18aa9642de5624e82203"
        )
    }

    @Test func theQuickDigestSeesEverySampledPartAndTheSize() throws {
        let scratch = try Scratch()
        let size = 16 << 20
        let (mebibyte, block) = (1 << 20, 64 << 10)
        let step = (size - 2 * mebibyte - block) / 63
        let url = scratch.file("a")
        try Data(count: size).write(to: url)
        let handle = try FileHandle(forUpdating: url)
        defer { try? handle.close() }
        func digest(withByteAt offset: Int) throws -> String {
            try handle.seek(toOffset: UInt64(offset))
            try handle.write(contentsOf: Data([1]))
            defer {
                try? handle.seek(toOffset: UInt64(offset))
                try? handle.write(contentsOf: Data([0]))
            }
            return try Digest.quick(fileAt: url)
        }
        let plain = try Digest.quick(fileAt: url)
        let sampled = [
            0, mebibyte - 1, mebibyte, mebibyte + 31 * step, mebibyte + 32 * step + block - 1, mebibyte + 63 * step,
            size - mebibyte, size - 1,
        ]
        let digests = try sampled.map { try digest(withByteAt: $0) }
        #expect(Set(digests + [plain]).count == sampled.count + 1)
        // Between two blocks nothing is read: that is what makes it quick.
        #expect(try digest(withByteAt: mebibyte + block + 10) == plain)
        #expect(try Digest.quick(fileAt: url) == plain)
        try handle.truncate(atOffset: UInt64(size + 1))
        #expect(try Digest.quick(fileAt: url) != plain)
    }

    @Test func whatCannotBeReadIsReportedWithTheSystemsReason() throws {
        let scratch = try Scratch()
        try AtomicFile.write("a", to: scratch.file("file"))
        func reason(_ name: String) throws -> StorageError {
            try #require(throws: StorageError.self) { try Digest.quick(fileAt: scratch.file(name)) }
        }
        #expect(try reason("none") == .system(path: scratch.file("none").path, call: "open", errno: ENOENT))
        #expect(try reason("file/x") == .system(path: scratch.file("file/x").path, call: "open", errno: ENOTDIR))
        let folder = try #require(throws: StorageError.self) { try Digest.sha256(fileAt: scratch.folder) }
        #expect(folder == .system(path: scratch.folder.path, call: "read", errno: EISDIR))
        #expect(folder.code == .notFound)
    }
}
