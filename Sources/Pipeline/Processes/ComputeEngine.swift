public import Config
import Foundation
import Messages
import Records
import Storage

/// What an encoder's golden patch showed.
public struct EncoderCheck: Sendable, CustomStringConvertible {
    var answer: EncoderCheckRequest.Answer

    public var description: String {
        answer.map { check in answer.count == 1 ? Self.text(check) : "\(check.device): \(Self.text(check))" }
            .joined(separator: "; ")
    }

    private static func text(_ answer: EncoderCheckRequest.Check) -> String {
        let precision = answer.precision.rawValue
        let golden =
            answer.golden.map { difference in
                String(
                    format:
                        "the golden patch agrees in %@: largest difference %.1e of the largest feature, cosine %.6f",
                    precision,
                    difference.relative,
                    difference.cosine
                )
            } ?? "no golden patch came with it"
        guard let fp32 = answer.fp32 else { return golden }
        return golden
            + String(
                format: "; %@ differs from fp32 by up to %.1e (%.1e of the largest feature), cosine %.6f",
                precision,
                fp32.absolute,
                fp32.relative,
                fp32.cosine
            )
    }
}

extension EncoderChoice {
    /// Has `wsi-compute` compare the encoder with the golden patch that came with it; nil for the built-in one.
    /// - Parameter comparesFP32: whether bf16, where it is asked for, is compared with fp32 too; an encoder may then have no
    ///   golden patch.
    /// - Throws: `Failure`, with `.encoder` (exit 4) where the features differ, `.notFound` where no patch came with it.
    public func check(
        device: DeviceChoice,
        precision: Precision,
        comparesFP32: Bool = false,
        _ programs: Programs
    ) async throws -> EncoderCheck? {
        guard let file else { return nil }
        let question = EncoderCheckRequest(
            manifest: file.path,
            device: device,
            precision: precision,
            comparesFP32: comparesFP32 && precision == .bf16
        )
        let call = ComputeCall(programs: programs, timeout: EncoderServer.loadTimeout)
        return EncoderCheck(answer: try await call.ask(question))
    }
}
