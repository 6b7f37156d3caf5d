import Batching
import Config
import Encoders
import Files
import Foundation
import MIL
import Messages
import Records
import Storage
import Torch

/// `wsi-compute encode`: turns the pixels that reading workers send into feature files.
///
/// The encoders are loaded once and shared. On a CPU each lane is one OS thread with one LibTorch thread; many one-thread
/// computations beat one many-thread computation.
enum Encode {
    /// - Parameter say: told once the encoders are loaded and workers can connect, and of what goes on.
    static func run(_ request: EncodeRequest, say: @escaping @Sendable (EncodeWord) throws -> Void) throws -> Never {
        // A lost reader is no reason to stop.
        let (batcher, devices) = try batcher(request.encoders, request.device, threads: request.threads) {
            try? say(.note($0))
        }
        makeRoomForConnections()
        let listener = try PixelChannel.listen(at: request.socket)
        batcher.run()
        try say(.ready)
        try say(.note(BatchDevice.words(of: devices)))
        try PixelServer(batcher, devices[0].networks) { try? say(.used(batcher.use)) }.serve(listener)
    }

    /// The encoders on their devices, each device with its own copies.
    static func batcher(
        _ encoders: [EncodeRequest.Encoder],
        _ choice: DeviceChoice,
        threads: Int,
        note: @escaping @Sendable (String) -> Void
    ) throws -> (Batcher, [BatchDevice]) {
        let devices = try BatchDevice.open(
            ComputeChoice.devices(choice),
            isEachWanted: choice != .everyCUDA,
            note: note
        ) { try open($0, encoders, threads: threads) }
        let batcher = Batcher(devices) { news in
            switch news {
            case .note(let text): note(text)
            case .ended(let failure): WSICompute.end(failure)
            }
        }
        return (batcher, devices)
    }

    /// Every encoder once on the device.
    private static func open(
        _ device: ComputeDevice,
        _ encoders: [EncodeRequest.Encoder],
        threads: Int
    ) throws -> BatchDevice {
        let place = Device(device)
        // One that cannot compute says so here, not at the first slide.
        try ComputeChoice.open(place)
        let encoders = try encoders.map { try encoder($0.manifest, $0.precision, on: place) }
        let lanes = device.lanes(threads: threads)
        let parallel = device == .cpu ? lanes : 1
        let batch = encoders.map(\.batch).min() ?? 1
        return BatchDevice("\(device)", encoders, batch: batch, lanes: lanes, parallel: parallel)
    }

    /// Each slide has a connection and a file for each encoder. Where the limit may not be raised, a connection that finds no room says so.
    private static func makeRoomForConnections() {
        let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(files, &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, 1 << 16)
        _ = setrlimit(files, &limit)
    }

    /// Whether an encoder gives its golden patch the right features, and how far bf16 takes others from those of fp32.
    static func check(_ request: EncoderCheckRequest) throws -> EncoderCheckRequest.Answer {
        let devices = try ComputeChoice.devices(request.device)
        let manifest = try EncoderManifest(contentsOf: URL(filePath: request.manifest))
        guard manifest.checkURL != nil || request.comparesFP32 else {
            throw Failure(
                .notFound,
                request.manifest,
                "the encoder's JSON names no 'check' file, so there is nothing to compare with; export it again"
            )
        }
        let golden = try manifest.checkURL.map { try GoldenPatch(contentsOf: $0, dim: manifest.dim) }
        // One after the other: two would need twice the memory.
        func probed(_ precision: Precision, on device: Device) throws -> (
            precision: Precision, GoldenCheck?, features: [Float]
        ) {
            let encoder = try encoder(request.manifest, precision, on: device)
            let check = try golden.map { try GoldenCheck(encoder, $0) }
            return (encoder.precision, check, request.comparesFP32 ? try ProbePatches.features(of: encoder) : [])
        }
        return try devices.map { device in
            do {
                let place = Device(device)
                let (precision, check, features) = try probed(request.precision, on: place)
                let fp32 =
                    try request.comparesFP32
                    ? FeatureDifference(features, from: probed(.fp32, on: place).features, dim: manifest.dim) : nil
                return .init(device: device, precision: precision, golden: check?.difference, fp32: fp32)
            } catch {
                guard devices.count > 1 else { throw error }
                let failure = Failure(computing: error)
                throw Failure(failure.code, failure.subject, "on \(device): \(failure.message)")
            }
        }
    }

    static func engine(_ request: EngineRequest) throws -> EngineRequest.Answer {
        let devices = try ComputeChoice.devices(request.device)
        // GPUs multiply in the same numbers.
        let precision = try ComputeChoice.precision(request.precision, isScript: false, on: Device(devices[0]))
        return .init(devices: devices, precision: precision)
    }

    private static func encoder(_ manifest: String, _ precision: Precision, on device: Device) throws -> FrozenEncoder {
        try LibTorch.setThreads(1)
        let manifest = try EncoderManifest(contentsOf: URL(filePath: manifest))
        return try FrozenEncoder(manifest, trustedBy: TrustStore(), precision: precision, on: device)
    }
}
