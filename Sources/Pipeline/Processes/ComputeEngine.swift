public import Config
import Foundation
import Messages
import Records
import Storage

/// What an encoder's golden patch showed.
public struct EncoderCheck: Sendable, CustomStringConvertible {
    var answer: EncoderCheckRequest.Answer

    public var description: String {
        String(
            format: "the golden patch agrees in %@: largest difference %.1e of the largest feature, cosine %.6f",
            answer.precision.rawValue,
            answer.difference,
            answer.cosine
        )
    }
}

extension EncoderChoice {
    /// Has `wsi-compute` compare the encoder with the golden patch that came with it; nil for the built-in one.
    /// - Throws: `Failure`, with `.encoder` (exit 4) where the features differ, `.notFound` where no patch came with it.
    public func check(
        device: DeviceChoice,
        precision: Precision,
        _ programs: Programs
    ) async throws -> EncoderCheck? {
        guard let file else { return nil }
        let question = EncoderCheckRequest(manifest: file.path, device: device, precision: precision)
        let call = ComputeCall(programs: programs, timeout: EncoderServer.loadTimeout)
        return EncoderCheck(answer: try await call.ask(question))
    }
}
