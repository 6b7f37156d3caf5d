import Config
import Encoders
import Foundation
import Messages
import Records
import Torch

/// `wsi-compute machine`: what LibTorch is here, and what it makes of this machine.
enum Machine {
    static func described() throws -> MachineRequest.Answer {
        .init(
            release: Release.version,
            libtorch: LibTorch.version,
            capability: try LibTorch.processorCapability,
            hasOneDNN: try LibTorch.hasOneDNN,
            precision: try ComputeChoice.precision(.auto, isScript: false, on: .cpu),
            devices: try LibTorch.cudaIsAvailable ? LibTorch.cudaDevices : nil,
            isBuiltWithCUDA: LibTorch.isBuiltWithCUDA,
            cuda: try LibTorch.cuda.map { "\($0)" }
        )
    }
}
