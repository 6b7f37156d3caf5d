public import Config
import Foundation
import Messages
import Records
import Storage

/// What a run's device and precision are on this machine, asked of `wsi-compute` before any work: bf16 and fp32 give other
/// features, so that the one in force belongs into their fingerprint.
struct ComputeEngine: Sendable {
    /// `cpu` or `cuda`.
    var device: String
    /// bf16 or fp32.
    var precision: Precision

    /// - Throws: `Failure` (usage) for a device or precision that the machine does not have.
    init(device: String, precision: Precision, _ programs: Programs) async throws {
        let figures = try await ComputeCall(verb: "engine", programs: programs)
            .run(EngineRequest(device: device, precision: precision)) { _ in }.figures
        self.device = figures["cuda"] == 1 ? "cuda" : "cpu"
        self.precision = figures["bf16"] == 1 ? .bf16 : .fp32
    }
}

/// What the golden patch of an encoder showed.
public struct EncoderCheck: Sendable, CustomStringConvertible {
    /// Largest difference, as a share of the largest expected feature.
    public var difference: Double
    public var cosine: Double
    /// bf16 or fp32.
    public var precision: Precision

    public var description: String {
        String(
            format: "the golden patch agrees in %@: largest difference %.1e of the largest feature, cosine %.6f",
            precision.rawValue,
            difference,
            cosine
        )
    }
}

extension EncoderChoice {
    /// Has `wsi-compute` compare the encoder with the golden patch that came with it; nil for the built-in one.
    /// - Throws: `Failure`, with `.encoder` (exit 4) where the features differ, `.notFound` where no patch came with it.
    public func check(device: String, precision: Precision, _ programs: Programs) async throws -> EncoderCheck? {
        guard let file else { return nil }
        let request = EncoderCheckRequest(manifest: file.path, device: device, precision: precision)
        let figures = try await ComputeCall(verb: "check", programs: programs, timeout: EncoderServer.loadTimeout)
            .run(request) { _ in }.figures
        return EncoderCheck(
            difference: figures["difference"] ?? .infinity,
            cosine: figures["cosine"] ?? 0,
            precision: figures["bf16"] == 1 ? .bf16 : .fp32
        )
    }
}
