import Batching
import Config
import Files
import Foundation
import Messages
import Records
import Storage
import Synchronization

/// A `wsi-compute` whose devices only take their time: what `make bench-engine` puts beside `wsi` in its place.
///
/// `$BENCH_ENGINE` is `DEVICES BATCH COMPUTE TRANSFER FILE`: milliseconds of a batch, and where each batch's beginning and end go, in
/// seconds of the system's clock.
@main
enum BenchEngine {
    static func main() throws {
        guard let verb = CommandLine.arguments.dropFirst().first.flatMap(ComputeVerb.init(rawValue:)) else {
            throw Failure(.usage, nil, "bench-engine is started by Benchmarks/engine")
        }
        let parent = try ParentProcess()
        switch verb {
        case .engine:
            _ = try parent.question(EngineRequest.self)
            try parent.send(Frame(.answer, EngineRequest.Answer(devices: [.cuda(0)], precision: .fp32)))
        case .encode: try encode(parent.question(EncodeRequest.self), for: parent)
        default: throw Failure(.usage, verb.rawValue, "bench-engine only encodes")
        }
    }

    private static func encode(_ request: EncodeRequest, for parent: ParentProcess) throws {
        let words = (ProcessInfo.processInfo.environment["BENCH_ENGINE"] ?? "").split(separator: " ").map(String.init)
        let numbers = words.compactMap(Double.init)
        guard words.count == 5, numbers.count >= 4 else {
            throw Failure(.usage, "$BENCH_ENGINE", "DEVICES BATCH COMPUTE TRANSFER FILE are wanted")
        }
        let log = try FileHandle(forWritingTo: URL(filePath: words[4]))
        let devices = (0..<Int(numbers[0])).map { index in
            let clock = DeviceClock(index, compute: numbers[2] / 1000, transfer: numbers[3] / 1000, log: log)
            let networks = request.encoders.map { _ in SleepingNetwork(clock) }
            return BatchDevice("sleep:\(index)", networks, batch: Int(numbers[1]), lanes: 2, parallel: 1)
        }
        let batcher = Batcher(devices)
        let listener = try PixelChannel.listen(at: request.socket)
        batcher.run()
        try parent.send(Frame(.word, EncodeWord.ready))
        try PixelServer(batcher, devices[0].networks).serve(listener)
    }
}

/// One device: several batches may be on their way to it, and one is computed.
private final class DeviceClock: Sendable {
    private let index: Int
    private let compute: Double
    private let transfer: Double
    private let log: FileHandle
    private let turn = Mutex(())

    init(_ index: Int, compute: Double, transfer: Double, log: FileHandle) {
        (self.index, self.compute, self.transfer, self.log) = (index, compute, transfer, log)
    }

    func run() throws {
        Thread.sleep(forTimeInterval: transfer)
        try turn.withLock { _ in
            let start = Date().timeIntervalSince1970
            Thread.sleep(forTimeInterval: compute)
            let line = "\(index) \(start) \(Date().timeIntervalSince1970)\n"
            try log.write(contentsOf: Data(line.utf8))
        }
    }
}

/// Patches of 224 pixels to 8 numbers.
private struct SleepingNetwork: BatchNetwork {
    let name = "sleep"
    let dim = 8
    let bytesPerPatch = 224 * 224 * 3
    private let clock: DeviceClock

    init(_ clock: DeviceClock) { self.clock = clock }

    func prepared(_ pixels: [UInt8], count: Int, side: Int) -> [UInt8] { pixels }

    func features(of pixels: UnsafeRawBufferPointer, count: Int) throws -> [Float] {
        try clock.run()
        return (0..<count).flatMap { patch in (0..<8).map { Float(pixels[patch * bytesPerPatch + $0]) } }
    }
}
