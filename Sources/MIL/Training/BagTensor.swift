import Config
import Evaluation
import Records
import Torch

extension Bag {
    /// Features `[N, D]` as a model takes them.
    func tensor(
        _ standardiser: Standardiser?,
        _ precision: TrainingConfig.Precision,
        on device: Device
    ) throws -> Tensor {
        let tensor = try Tensor(features, shape: [count, width], on: device)
        return try (standardiser?(tensor) ?? tensor).to(precision == .fp32 ? .float32 : .bfloat16)
    }
}

extension TrainingConfig.Precision {
    /// Of one number.
    var bytes: Int { self == .fp32 ? 4 : 2 }
}

extension DeviceChoice {
    /// - Throws: `MILError.unusable` where CUDA is asked for and LibTorch has none.
    func device() throws -> Device {
        switch self {
        case .cpu: return .cpu
        case .auto: return try LibTorch.cudaIsAvailable ? .cuda(0) : .cpu
        case .cuda:
            guard try LibTorch.cudaIsAvailable else {
                throw MILError.unusable(
                    subject: "device",
                    reason: "LibTorch finds no CUDA device; use cpu, or point LIBTORCH to a CUDA build"
                )
            }
            return .cuda(0)
        }
    }
}
