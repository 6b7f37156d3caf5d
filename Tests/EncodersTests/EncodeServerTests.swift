import Config
import Files
import Foundation
import Records
import Storage
import Testing

@testable import Messages

/// A running `wsi-compute encode` with the tiny encoder; it ends with the object.
private final class EncodeServer {
    static let side = 64
    static let bytesPerRow = side * side * 3

    private let bench: Workbench
    private let process = Process()
    private let input = Pipe()
    let folder: URL
    let socket: String

    /// - Parameter mean: the red channel's; above a patch's red the tiny encoder takes the root of a negative number.
    init(mean: Double = 0) throws {
        bench = try Workbench()
        folder = bench.folder
        socket = folder.appending(path: "pixels").path
        _ = try bench.manifest(weights: Script.rootOfMeans, ["mean": [mean, 0, 0]])
        let programs = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let output = Pipe()
        process.executableURL = programs.appending(path: "wsi-compute")
        process.arguments = ["encode"]
        process.environment = ProcessInfo.processInfo.environment.merging(["WSI_TRUST_FILE": bench.store.url.path]) {
            $1
        }
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let request = EncodeRequest(
            encoders: [.init(manifest: folder.appending(path: "tiny.json").path, precision: .auto)],
            socket: socket,
            threads: 2,
            device: .cpu
        )
        try input.fileHandleForWriting.write(contentsOf: Frame.hello + Frame(.question, request).encoded())
        var heard = FrameDecoder(from: "wsi-compute")
        var word: Frame?
        while word == nil, case let more = output.fileHandleForReading.availableData, !more.isEmpty {
            more.withUnsafeBytes { heard.add($0) }
            word = try heard.next()
        }
        _ = try #require(word).value(EncodeRequest.Word.self, of: .word)
    }

    deinit {
        // Not a signal that could be blocked in a child of the test runner.
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    var isRunning: Bool { process.isRunning }

    func features(_ name: String) -> URL { folder.appending(path: "features/\(name).h5") }

    /// Connects as a reading worker of a slide with so many patches and says what is coming.
    func worker(_ name: String, patches count: Int) throws -> PixelChannel {
        let side = Self.side
        let grid = PatchGrid(
            slide: try SlideID(name),
            geometry: PatchGeometry(
                patchSize: side,
                overlap: 0,
                targetMPP: 0.5,
                mpp: 0.5,
                sideLevel0: side,
                stepLevel0: side,
                level: 0,
                levelDownsample: 1,
                sideAtLevel: side
            ),
            scale: SlideScale(mpp: 0.5, source: .property),
            slideSize: PixelSize(width: 6400, height: 6400),
            bounds: PixelRect(x: 0, y: 0, width: 6400, height: 6400),
            corners: (0..<count).map { PixelPoint(x: $0 % 100 * side, y: $0 / 100 * side) }
        )
        let patches = folder.appending(path: "patches/\(name)_patches.h5")
        try PatchFile.write(grid, attributes: [:], to: patches)
        let channel = try PixelChannel(connectingTo: socket)
        try channel.meet("wsi-compute")
        try channel.send(
            PixelHeader(
                patches: patches,
                outputs: [.init(0, features(name), attributes: ["wsi_fingerprint": "f"])]
            ),
            as: .question
        )
        return channel
    }
}

extension PixelChannel {
    /// Sends patches of one grey.
    fileprivate func send(patches count: Int, grey: UInt8 = 200) throws {
        let pixels = [UInt8](repeating: grey, count: count * EncodeServer.bytesPerRow)
        try pixels.withUnsafeBytes { try send(pixels: $0) }
    }

    /// Says which rows were sent, and takes the answer: nil where the features are written.
    fileprivate func finish(kept: Range<Int>) throws -> Failure? {
        defer { close() }
        try sendEnd(kept: kept)
        return switch try receive([EncodeAnswer].self, as: .answer).first {
        case .written: nil
        case .failed(let failure): failure
        case nil: Failure(.bug, nil, "no answer")
        }
    }

    fileprivate func sendEnd(kept: Range<Int>) throws {
        try send(pixels: UnsafeRawBufferPointer(start: nil, count: 0))
        try send(Array(kept), as: .word)
    }
}

/// `wsi-compute encode` as its reading workers know it.
@Suite struct EncodeServerTests {
    @Test func aWorkerThatIsKilledInABatchCostsNeitherTheServerNorOtherSlides() throws {
        let server = try EncodeServer()
        let living = try server.worker("living", patches: 30)
        try living.send(patches: 20)
        for _ in 0..<3 {
            let killed = try server.worker("killed", patches: 40)
            try killed.send(patches: 20)
            // Half a batch, then nothing: what the system leaves of a killed process.
            let head = try Frame.Head(kind: .pixels, count: 20 * EncodeServer.bytesPerRow).bytes()
            let half = head + [UInt8](repeating: 9, count: 10 * EncodeServer.bytesPerRow)
            try half.withUnsafeBytes { try AtomicFile.writeAll($0, to: killed.descriptor, path: "socket") }
            killed.close()
        }
        try living.send(patches: 10)
        #expect(try living.finish(kept: 0..<30) == nil)
        // Its second try, in a fresh process, is a slide like any other.
        let again = try server.worker("killed", patches: 40)
        try again.send(patches: 40)
        #expect(try again.finish(kept: 0..<40) == nil)
        #expect(server.isRunning)
        for (name, count) in [("living", 30), ("killed", 40)] {
            #expect(try FeatureFile(contentsOf: server.features(name)).count == count)
        }
    }

    @Test func aWorkerThatIsKilledBeforeTheAnswerCostsNothing() throws {
        let server = try EncodeServer()
        for _ in 0..<3 {
            let killed = try server.worker("killed", patches: 20)
            try killed.send(patches: 20)
            try killed.sendEnd(kept: 0..<20)
            killed.close()
        }
        let next = try server.worker("next", patches: 5)
        try next.send(patches: 5)
        #expect(try next.finish(kept: 0..<5) == nil)
        #expect(server.isRunning)
    }

    /// The batches after the failure are more than a socket holds: a server that stopped reading would be a broken pipe.
    @Test func featuresThatAreNotFiniteAreAnsweredWithTheirCodeAfterTheWholeSlide() throws {
        let server = try EncodeServer(mean: 0.5)
        let slide = try server.worker("dark", patches: 300)
        for grey: UInt8 in [100, 200, 200] { try slide.send(patches: 100, grey: grey) }
        let failure = try #require(try slide.finish(kept: 0..<300))
        #expect(failure.code == .nonFinite)
        #expect(!FileManager.default.fileExists(atPath: server.features("dark").path))
        let next = try server.worker("bright", patches: 10)
        try next.send(patches: 10)
        #expect(try next.finish(kept: 0..<10) == nil)
    }

    @Test func anotherNumberOfKeptRowsThanWereSentIsAnsweredAndLeavesNoFile() throws {
        let server = try EncodeServer()
        let slide = try server.worker("short", patches: 20)
        try slide.send(patches: 10)
        #expect(try slide.finish(kept: 0..<20)?.code == .file)
        #expect(!FileManager.default.fileExists(atPath: server.features("short").path))
        #expect(server.isRunning)
    }
}
