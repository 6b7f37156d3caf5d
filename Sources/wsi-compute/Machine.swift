import Config
import Encoders
import Foundation
import Messages
import Records
import Torch

/// `wsi-compute machine`: what LibTorch is here, and what it makes of this machine.
enum Machine {
    static func described() throws -> ComputeResult {
        let hasCUDA = try LibTorch.cudaIsAvailable
        let precision = try ComputeChoice.precision(.auto, isScript: false, on: .cpu)
        var result = ComputeResult(
            figures: [
                "cuda": hasCUDA ? 1 : 0, "devices": Double(try LibTorch.cudaDevices),
                "onednn": try LibTorch.hasOneDNN ? 1 : 0, "bf16": precision == .bf16 ? 1 : 0,
            ]
        )
        result.facts = [
            "version": Release.version, "libtorch": LibTorch.version, "capability": try LibTorch.processorCapability,
        ]
        return result
    }
}
