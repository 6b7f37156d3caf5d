import Foundation
import Records
import TestSupport
import Testing

@testable import Files
@testable import Messages

/// Two ends of one connection; each is closed once.
private final class Pair {
    let worker: PixelChannel
    let encoder: PixelChannel
    /// The worker's descriptor, for bytes that no well-meaning worker would send.
    let raw: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        raw = ends[0]
        (worker, encoder) = (PixelChannel(descriptor: ends[0]), PixelChannel(descriptor: ends[1]))
    }
}

/// What an encoder understood of one slide.
private struct Received: Equatable, Sendable {
    var features = ""
    var attributes: [String: String] = [:]
    var batches: [[UInt8]] = []
    var kept: [Int] = []
}

private func serve(_ channel: PixelChannel, bytesPerRow: Int) throws -> Received {
    var received = Received()
    let header = try channel.receive(PixelHeader.self, as: .question)
    for output in header.outputs {
        (received.features, received.attributes) = (output.features.path, output.attributes)
    }
    var pixels: [UInt8] = []
    while case let rows = try channel.receive(bytesPerRow: bytesPerRow, pixels: &pixels), rows > 0 {
        received.batches.append(pixels)
    }
    received.kept = try channel.receive([Int].self, as: .word)
    return received
}

private func send(_ batches: [[UInt8]], kept: [Int], over channel: PixelChannel) throws {
    try channel.send(
        PixelHeader(
            patches: URL(filePath: "/job/a_patches.h5"),
            outputs: [.init(2, URL(filePath: "/job/a ä.h5"), attributes: ["k": "v"])]
        ),
        as: .question
    )
    for batch in batches { try batch.withUnsafeBytes { try channel.send(pixels: $0) } }
    try channel.send(pixels: UnsafeRawBufferPointer(start: nil, count: 0))
    try channel.send(kept, as: .word)
}

@Suite struct PixelChannelTests {
    @Test func aSlideArrivesAsItWasSentAndIsAnswered() async throws {
        let scratch = try Scratch()
        let path = scratch.file("pixels").path
        let listener = try PixelChannel.listen(at: path)
        defer { close(listener) }
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
        #expect((mode?.intValue ?? 0o777) & 0o077 == 0)
        let bytesPerRow = 64 * 64 * 3
        // More than a socket's buffer holds, so that both sides have to wait for each other.
        let batches = (0..<3).map { batch in
            [UInt8](unsafeUninitializedCapacity: 40 * bytesPerRow) { buffer, count in
                for index in buffer.indices { buffer[index] = UInt8(truncatingIfNeeded: index &* 7 &+ batch) }
                count = buffer.count
            }
        }
        let (answers, answered) = AsyncStream.makeStream(of: Result<Received, any Error>.self)
        Thread.detachNewThread {
            answered.yield(
                Result {
                    let channel = try PixelChannel.accept(on: listener)
                    defer { channel.close() }
                    try channel.meet("wsi worker")
                    let received = try serve(channel, bytesPerRow: bytesPerRow)
                    try channel.send(EncodeAnswer.failed(Failure(.nonFinite, "a", "row 3")), as: .answer)
                    return received
                }
            )
            answered.finish()
        }
        let channel = try PixelChannel(connectingTo: path)
        defer { channel.close() }
        try channel.meet("wsi-compute")
        try send(batches, kept: [0, 2, 5], over: channel)
        let answer = try channel.receive(EncodeAnswer.self, as: .answer)
        guard case .failed(Failure(.nonFinite, "a", "row 3")) = answer else {
            Issue.record("\(answer)")
            return
        }
        var received: Received?
        for await result in answers { received = try result.get() }
        #expect(
            received == Received(features: "/job/a ä.h5", attributes: ["k": "v"], batches: batches, kept: [0, 2, 5])
        )
    }

    @Test func aSlideWithoutPatchesIsOneEmptyBatch() throws {
        let pair = try Pair()
        defer { pair.worker.close() }
        defer { pair.encoder.close() }
        try send([], kept: [], over: pair.worker)
        let received = try serve(pair.encoder, bytesPerRow: 3)
        #expect(received.batches.isEmpty && received.kept.isEmpty)
    }

    @Test func aWorkerThatIsGoneInTheMiddleIsAnErrorAndNotAnEnd() throws {
        let pair = try Pair()
        defer { pair.encoder.close() }
        let half = try Frame.Head(kind: .pixels, count: 6).bytes() + [UInt8](repeating: 1, count: 5)
        try half.withUnsafeBytes { try AtomicFile.writeAll($0, to: pair.raw, path: "socket") }
        pair.worker.close()
        var pixels: [UInt8] = []
        let error = try #require(throws: StorageError.self) {
            try pair.encoder.receive(bytesPerRow: 3, pixels: &pixels)
        }
        #expect(error == .system(path: "socket", call: "read", errno: ECONNRESET))
    }

    @Test func answeringAWorkerThatIsGoneIsAnErrorAndEndsNoProcess() throws {
        let pair = try Pair()
        defer { pair.encoder.close() }
        pair.worker.close()
        let error = try #require(throws: StorageError.self) {
            try pair.encoder.send(EncodeAnswer.written(batch: nil), as: .answer)
        }
        #expect(error == .system(path: "socket", call: "send", errno: EPIPE))
    }

    @Test func absurdLengthsAreRefusedBeforeMemoryIsTaken() throws {
        let pair = try Pair()
        defer { pair.worker.close() }
        defer { pair.encoder.close() }
        func write(_ text: String) throws {
            try Data(text.utf8).withUnsafeBytes { try AtomicFile.writeAll($0, to: pair.raw, path: "socket") }
        }
        try write("answer   ffffffff\n")
        let message = try #require(throws: StorageError.self) {
            try pair.encoder.receive(EncodeAnswer.self, as: .answer)
        }
        #expect(message == .malformed(path: "socket", reason: "a message of 4294967295 bytes"))
        try write("pixels   ffffffff\n")
        var pixels: [UInt8] = []
        let batch = try #require(throws: StorageError.self) {
            try pair.encoder.receive(bytesPerRow: 3, pixels: &pixels)
        }
        #expect(batch == .malformed(path: "socket", reason: "a batch of 4294967295 bytes"))
        #expect(pixels.isEmpty)
    }

    @Test func whatIsNoFrameOrAnotherThanIsWantedIsRefused() throws {
        for (bytes, reason) in [
            ("pixels   00000004\n1234\n", "a batch of 4 bytes, which is no number of patches"),
            ("pixels   00000003\n1234", "a frame that does not end where it says"),
            ("word     00000002\n[]\n", "a frame 'word' where 'pixels' is wanted"),
            ("a library prints this", "bytes that are no frame"),
        ] {
            let pair = try Pair()
            defer { pair.worker.close() }
            defer { pair.encoder.close() }
            try Data(bytes.utf8).withUnsafeBytes { try AtomicFile.writeAll($0, to: pair.raw, path: "socket") }
            var pixels: [UInt8] = []
            let error = try #require(throws: StorageError.self) {
                try pair.encoder.receive(bytesPerRow: 3, pixels: &pixels)
            }
            #expect(error == .malformed(path: "socket", reason: reason))
        }
    }

    @Test func aWorkerOfAnotherBuildIsRefused() throws {
        let pair = try Pair()
        defer { pair.worker.close() }
        defer { pair.encoder.close() }
        let hello = "hello    00000020\n" + #"{"release":"9.0.0","version":99}"# + "\n"
        try Data(hello.utf8).withUnsafeBytes { try AtomicFile.writeAll($0, to: pair.raw, path: "socket") }
        let failure = try #require(throws: Failure.self) { try pair.encoder.meet("wsi worker") }
        #expect((failure.code, failure.subject) == (.usage, "wsi worker"))
    }

    @Test func aSocketThatNobodyListensOnOrWithALongNameIsAnError() throws {
        let scratch = try Scratch()
        let error = try #require(throws: StorageError.self) {
            try PixelChannel(connectingTo: scratch.file("s").path)
        }
        #expect(error == .system(path: scratch.file("s").path, call: "socket", errno: ENOENT))
        let long = scratch.file(String(repeating: "s", count: 120)).path
        #expect(throws: StorageError.malformed(path: long, reason: "the socket's name is too long")) {
            try PixelChannel.listen(at: long)
        }
    }

    @Test func aSocketMayLieInAFolderWhosePathAnAddressHasNoRoomFor() throws {
        let scratch = try Scratch()
        let folder = scratch.file(String(repeating: "f", count: 120))
        try AtomicFile.createFolder(folder)
        let path = folder.appending(path: "pixels").path
        let listener = try PixelChannel.listen(at: path)
        defer { close(listener) }
        try PixelChannel(connectingTo: path).close()
    }
}
