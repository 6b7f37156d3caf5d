import Foundation
import Records
import TestSupport
import Testing

@testable import Files
@testable import Imaging
@testable import Storage

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct FolderWalkTests {
    private let scratch: Scratch
    private var root: URL { scratch.folder.appending(path: "root") }

    init() throws {
        scratch = try Scratch()
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    }

    private func add(_ name: String) throws { try AtomicFile.write("x", to: scratch.folder.appending(path: name)) }

    private func link(_ name: String, to target: String) throws {
        let url = scratch.folder.appending(path: name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: url.path, withDestinationPath: target)
    }

    private func walk(_ folder: String = "root", companionsOf: Set<String> = []) -> FolderWalk {
        FolderWalk(scratch.folder.appending(path: folder), extensions: ["svs", "mrxs"], companionsOf: companionsOf)
    }

    private func names(_ walk: FolderWalk) -> [String] {
        walk.files.map { String($0.path.dropFirst(scratch.folder.path.count + 1)) }
    }

    @Test func linksToFilesAndFoldersAndALinkedRootAreFollowed() throws {
        for name in ["root/a.svs", "far/b.svs", "far/deep/c.SVS", "other/d.svs"] { try add(name) }
        try link("root/batch", to: "../far")
        try link("root/e.svs", to: "../other/d.svs")
        #expect(names(walk()) == ["root/a.svs", "root/batch/b.svs", "root/batch/deep/c.SVS", "root/e.svs"])
        try link("door", to: "root")
        #expect(names(walk("door")) == ["door/a.svs", "door/batch/b.svs", "door/batch/deep/c.SVS", "door/e.svs"])
    }

    @Test func namesAreThoseOfAFolderOrOfItTheWantedOnes() throws {
        #expect(try FolderWalk.names(in: scratch.file("nothing")).isEmpty)
        for name in ["root/é.svs", "root/b", "root/.c/d"] { try add(name) }
        #expect(try Set(FolderWalk.names(in: root)) == ["é.svs", "b", ".c"])
        #expect(try FolderWalk.names(in: root) { $0.contains(UInt8(ascii: "b")) } == ["b"])
        #expect(throws: StorageError.self) {
            try FolderWalk.names(in: URL(filePath: "/\(String(repeating: "x", count: 300))"))
        }
    }

    @Test func aLoopEndsAndAFolderUnderTwoNamesIsSeenOnce() throws {
        try add("root/sub/a.svs")
        try link("root/sub/up", to: "..")
        try link("root/again", to: "sub")
        try link("root/a.svs", to: "sub/a.svs")
        try link("root/b.svs", to: "sub/a.svs")
        let walk = walk()
        #expect(names(walk) == ["root/a.svs", "root/b.svs"])
        #expect(walk.failures.isEmpty && walk.others.isEmpty)
    }

    @Test func otherTypesAreCountedByTheirEnding() throws {
        for name in ["a.svs", "1.czi", "2.CZI", "sub/3.czi", "1.vsi", "README", ".hidden.czi", ".git/x.czi"] {
            try add("root/\(name)")
        }
        #expect(walk().others == ["czi": 3, "vsi": 1, "": 1])
        #expect(walk().othersText == "3 .czi, 1 without extension, 1 .vsi")
    }

    @Test func aDeadLinkIsAFileToFailOrAFailure() throws {
        try link("root/a.svs", to: "nowhere.svs")
        try link("root/loop.svs", to: "loop.svs")
        try link("root/batch2", to: "/mnt/not there")
        try link("root/notes.txt", to: "nowhere.txt")
        let walk = walk()
        #expect(names(walk) == ["root/a.svs", "root/loop.svs"])
        #expect(walk.failures.map(\.subject) == [root.appending(path: "batch2").path])
        #expect(walk.failures.first?.message == "follow this link: No such file or directory")
        #expect(walk.others == ["txt": 1])
    }

    /// The administrator may read everything.
    @Test(.enabled(if: geteuid() != 0)) func aFolderThatMayNotBeReadIsAFailure() throws {
        try add("root/locked/a.svs")
        let locked = root.appending(path: "locked").path
        #expect(chmod(locked, 0) == 0)
        defer { _ = chmod(locked, 0o755) }
        #expect(walk().failures == [.system(path: locked, call: "open", errno: EACCES)])
    }

    @Test func theFolderThatBelongsToAFileIsNotLookedInto() throws {
        for name in ["a.mrxs", "a/Data0000.dat", "b/c.svs"] { try add("root/\(name)") }
        #expect(names(walk(companionsOf: ["mrxs"])) == ["root/a.mrxs", "root/b/c.svs"])
        #expect(walk(companionsOf: ["mrxs"]).others.isEmpty)
    }
}

@Suite struct RegularFileTests {
    private let scratch: Scratch
    private let pipe: URL

    init() throws {
        scratch = try Scratch()
        pipe = scratch.folder.appending(path: "pipe.h5")
        #expect(mkfifo(pipe.path, 0o600) == 0)
    }

    /// Each of these would wait for ever.
    @Test func noReaderOpensAPipe() throws {
        let refused = StorageError.notRegular(path: pipe.path, kind: "a named pipe")
        #expect(throws: refused) { try RegularFile.data(pipe) }
        #expect(throws: refused) { try Table(contentsOf: pipe) }
        #expect(throws: refused) { try CanonicalJSON.read([String: String].self, from: pipe) }
        #expect(throws: refused) { try Digest.sha256(fileAt: pipe) }
        #expect(throws: refused) { try Digest.quick(fileAt: pipe) }
        #expect(throws: refused) { try HDF5File.open(pipe) }
        #expect(throws: refused) { try Journal.read([String].self, from: pipe) }
        for ending in ["pt", "safetensors", "xml", "geojson"] {
            let other = scratch.folder.appending(path: "link.\(ending)")
            try FileManager.default.createSymbolicLink(at: other, withDestinationURL: pipe)
            let refused = StorageError.notRegular(path: other.path, kind: "a named pipe")
            #expect(throws: refused) {
                if ["xml", "geojson"].contains(ending) {
                    _ = try AnnotatedRegions(contentsOf: other)
                } else {
                    _ = try FeatureFile(contentsOf: other)
                }
            }
        }
        #expect(refused.code == .notFound)
        #expect(refused.message.hasPrefix("a named pipe, no regular file"))
    }

    @Test func devicesAndSocketsAreToldFromFiles() throws {
        #expect(RegularFile.kind(of: "/dev/null") == .other("a device"))
        #expect(RegularFile.kind(of: "/") == .folder)
        #expect(RegularFile.kind(of: pipe.path + "x") == .none(errno: ENOENT))
        let file = scratch.folder.appending(path: "f")
        try AtomicFile.write("abc", to: file)
        #expect(RegularFile.kind(of: file.path) == .regular(bytes: 3))
        #expect(throws: StorageError.notRegular(path: "/dev/zero", kind: "a device")) {
            try Table(contentsOf: URL(filePath: "/dev/zero"))
        }
    }
}
