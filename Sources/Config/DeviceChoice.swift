public import Records

/// Where networks compute.
public enum DeviceChoice: String, DescribedChoice {
    case auto, cpu, cuda

    public var meaning: String {
        switch self {
        case .auto: "CUDA where LibTorch has it, else the CPU"
        case .cpu: "the CPU"
        case .cuda: "CUDA"
        }
    }
}
