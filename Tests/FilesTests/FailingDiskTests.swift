import Foundation
import Records
import TestSupport
import Testing

@testable import Files
@testable import Storage

/// Files of a disk that fails.
@Suite struct FailingDiskTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Bytes of which the disk does not give those from a place on.
    private struct BadDisk: ByteSource {
        let path = "/slides/a.svs"
        let count: Int
        let bad: Int
        var errno = EIO

        func read(_ count: Int, at offset: Int) throws(StorageError) -> Data {
            if offset + count > bad { throw .system(path: path, call: "read", errno: errno) }
            return Data(count: max(0, min(count, self.count - offset)))
        }
    }

    /// A regular file to the eye, of which the system gives no byte (EIO): the first page of a process's memory is never there.
    private func unreadable(_ name: String) throws -> URL {
        let link = scratch.file(name)
        try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: "/proc/self/mem")
        return link
    }

    private func code(_ work: () throws -> Void) -> ErrorCode? {
        do { try work() } catch { return Failure(error).code }
        return nil
    }

    @Test func aDigestIsThatOfAllItsBytesOrNone() throws {
        let size = 16 << 20
        #expect(
            try Digest.quick(of: BadDisk(count: size, bad: .max))
                == "6d83d9977cf9fa0261223073f4b43ed6850ae42a9ecd18aa9642de5624e82203"
        )
        for bad in [0, 3 << 20, size - 1] {
            let error = try #require(throws: StorageError.self) {
                try Digest.quick(of: BadDisk(count: size, bad: bad))
            }
            #expect(error == .system(path: "/slides/a.svs", call: "read", errno: EIO))
            #expect(error.code.isOfMachine)
        }
    }

    @Test func onlyAFaultOfTheMachineIsTriedAgainAndOnlyOnce() throws {
        func tries(_ errors: [StorageError]) -> Int {
            var count = 0
            _ = try? StorageError.retrying {
                count += 1
                if count <= errors.count { throw errors[count - 1] }
            }
            return count
        }
        func system(_ errno: Int32) -> StorageError { .system(path: "a", call: "read", errno: errno) }
        #expect(tries([]) == 1)
        #expect(tries([system(EIO)]) == 2 && tries([system(ESTALE)]) == 2 && tries([system(EMFILE)]) == 2)
        #expect(tries([system(EIO), system(EIO), system(EIO)]) == 2)
        #expect(tries([system(EACCES)]) == 1 && tries([system(ENOENT)]) == 1)
        #expect(tries([.malformed(path: "a", reason: "torn")]) == 1)
    }

    @Test func whatTheDiskDoesNotGiveIsNeitherMissingNorDamaged() throws {
        let layout = JobLayout(root: scratch.file("job"))
        let id = try SlideID("a")
        let record = layout.outcome(stage: .tile, UnitID(id))
        #expect(try layout.record(of: id, stage: .tile) == nil)
        try AtomicFile.write("{", to: record)
        #expect(try layout.record(of: id, stage: .tile) == nil)
        try FileManager.default.removeItem(at: record)
        try FileManager.default.createSymbolicLink(atPath: record.path, withDestinationPath: "/proc/self/mem")
        #expect(code { _ = try layout.record(of: id, stage: .tile) } == .io)
        let file = try unreadable("a.h5")
        #expect(code { _ = try Digest.quick(fileAt: file) } == .io)
        #expect(code { _ = try SafeTensors(contentsOf: file) } == .io)
        #expect(code { _ = try Damage.find("a.h5", at: file.path, size: 0, digest: "", .digest) } == .io)
    }

    @Test func aFolderThatIsNotThereIsEmptyAndOneThatCannotBeSeenIsAnError() throws {
        try AtomicFile.write("a", to: scratch.file("job/a.json"))
        #expect(try FolderWalk.names(in: scratch.file("job")) == ["a.json"])
        #expect(try FolderWalk.names(in: scratch.file("none")) == [])
        #expect(try !RegularFile.exists(scratch.file("none")) && RegularFile.exists(scratch.file("job/a.json")))
        let long = scratch.file(String(repeating: "a", count: 300))
        #expect(code { _ = try FolderWalk.names(in: long) } != nil)
        #expect(code { _ = try RegularFile.exists(long) } != nil)
    }

    @Test func aFileIsReadAtAnyPlaceAndEndsWhereItEnds() throws {
        try AtomicFile.write("twelve bytes", to: scratch.file("a"))
        let file = try OpenFile(scratch.file("a"))
        #expect(file.count == 12)
        #expect(try file.read(5, at: 7) == Data("bytes".utf8) && file.read(50, at: 7) == Data("bytes".utf8))
        #expect(try file.read(5, at: 12).isEmpty && file.read(0, at: 0).isEmpty)
        try file.probe(0..<12)
        #expect(code { _ = try OpenFile(scratch.file("b")) } == .notFound)
    }
}
