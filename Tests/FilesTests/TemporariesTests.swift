import Foundation
import TestSupport
import Testing

@testable import Files

@Suite struct TemporariesTests {
    /// The name of a temporary of this process, with other words in it.
    private static func name(
        process: pid_t = getpid(),
        boot: String = ProcessTag.own.boot,
        namespace: String = ProcessTag.own.namespace,
        start: String = ProcessTag.own.start
    ) -> String {
        let tag = ProcessTag(process: process, boot: boot, namespace: namespace, start: start)
        return "\(Temporaries.prefix)\(tag.text)-17.tmp"
    }

    /// Above every process number that Linux gives out.
    private static let nobody = pid_t.max

    @Test func theNameTellsItsProcessAndIsShort() throws {
        let scratch = try Scratch()
        let url = AtomicFile.temporary(beside: scratch.file(String(repeating: "a", count: 250)))
        defer { AtomicFile.discard(url) }
        #expect(url.lastPathComponent.hasPrefix("\(Temporaries.prefix)\(getpid())-"))
        #expect(url.lastPathComponent.utf8.count < 128)
        #expect(!Temporaries.isLeft(url.lastPathComponent, written: 0))
    }

    @Test func sweepingRemovesOnlyWhatDeadProcessesOfThisHostLeft() throws {
        let scratch = try Scratch()
        let dead = Self.name(process: Self.nobody)
        let older = "\(Temporaries.prefix)\(Self.nobody)-17.tmp"
        let recycled = Self.name(start: "1")
        let kept = [
            Self.name(), Self.name(process: Self.nobody, namespace: "1"), "\(Temporaries.prefix)1-17.tmp",
            ".wsi-elsewhere0-\(Self.nobody)-17.tmp", "a.h5", "\(dead).h5", String(dead.dropFirst()),
        ]
        for name in kept + [dead, older, recycled] {
            for folder in ["", "deep/"] { try AtomicFile.write("x", to: scratch.file(folder + name)) }
        }
        Temporaries.sweep(scratch.folder)
        let left = try FileManager.default.contentsOfDirectory(atPath: scratch.file("deep").path)
        #expect(left.sorted() == kept.sorted())
        #expect(scratch.names == (kept + ["deep"]).sorted())
    }

    @Test func whatAnEarlierBootLeftIsDeadAndWhatAnotherHostOfTheNameWritesIsNot() throws {
        let scratch = try Scratch()
        let (old, new) = (Self.name(boot: "0123abcd"), Self.name(boot: "0123abcd", start: "7"))
        for name in [old, new] { try AtomicFile.write("x", to: scratch.file(name)) }
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1)],
            ofItemAtPath: scratch.file(old).path
        )
        Temporaries.sweep(scratch.folder)
        #expect(scratch.names == [new])
    }

    @Test func aZombieIsDead() throws {
        var zombie = pid_t()
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("true"), nil]
        defer { arguments.forEach { free($0) } }
        try #require(posix_spawn(&zombie, "/bin/true", nil, nil, &arguments, environ) == 0)
        defer { waitpid(zombie, nil, 0) }
        // Waits for the end and leaves the process where it is.
        var info = siginfo_t()
        try #require(waitid(P_PID, id_t(zombie), &info, WEXITED | WNOWAIT) == 0)
        #expect(kill(zombie, 0) == 0)
        #expect(ProcessTag.isDead(zombie, start: nil))
    }

    @Test func theStateOfAProcessIsReadWhateverItsName() throws {
        let fields = "7 (a) b ) (c) Z 3 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 9876 0 0"
        let state = try #require(ProcessState(fields))
        #expect(state.parent == 3 && state.start == "9876" && state.hasEnded)
        // The first thread has ended, others work on.
        #expect(ProcessState(fields.replacing(" 1 0 9876", with: " 2 0 9876"))?.hasEnded == false)
        #expect(ProcessState("7 (a) Z 3") == nil)
        #expect(ProcessState.of(getpid())?.hasEnded == false)
    }

    @Test func aDeadFolderGoesWithAllThatIsInIt() throws {
        let scratch = try Scratch()
        let dead = Self.name(process: Self.nobody)
        try AtomicFile.write("x", to: scratch.file("heatmaps/\(dead)/3/0_0.png"))
        Temporaries.sweep(scratch.folder)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.file("heatmaps").path) == [])
    }

    @Test func linksAreNotFollowed() throws {
        let (scratch, elsewhere) = (try Scratch(), try Scratch())
        let dead = Self.name(process: Self.nobody)
        try AtomicFile.write("x", to: elsewhere.file(dead))
        try FileManager.default.createSymbolicLink(at: scratch.file("link"), withDestinationURL: elsewhere.folder)
        Temporaries.sweep(scratch.folder)
        #expect(elsewhere.names == [dead])
    }

    @Test func aSweepOfFilesLooksIntoNoFolder() throws {
        let scratch = try Scratch()
        let dead = Self.name(process: Self.nobody)
        for folder in ["", "deep/"] { try AtomicFile.write("x", to: scratch.file(folder + dead)) }
        Temporaries.sweepFiles(in: scratch.folder)
        #expect(scratch.names == ["deep"])
        #expect(FileManager.default.fileExists(atPath: scratch.file("deep/\(dead)").path))
    }

    @Test func sweepingAFolderThatIsNotThereDoesNothing() throws {
        Temporaries.sweep(try Scratch().file("nowhere"))
    }

    @Test func aTemporaryFolderIsForThisUserAlone() throws {
        let folder = try TemporaryFolder()
        let mode = try FileManager.default.attributesOfItem(atPath: folder.url.path)[.posixPermissions] as? Int
        #expect(mode == 0o700)
        #expect(folder.url.deletingLastPathComponent().path == TemporaryFolder.parent.path)
        TemporaryFolder.sweep()
        #expect(FileManager.default.fileExists(atPath: folder.url.path))
        folder.remove()
        #expect(!FileManager.default.fileExists(atPath: folder.url.path))
        try TemporaryFolder.check()
    }
}
