public import Records

/// The numbers that a neural encoder computes in; features are fp32 in files whichever it is.
public enum Precision: String, DescribedChoice {
    case auto, bf16, fp32

    public var meaning: String {
        switch self {
        case .auto:
            "bf16 where the processor or the CUDA device multiplies in it, else fp32; fp32 for TorchScript"
        case .bf16: "16 bits with the range of fp32; TorchScript by PyTorch's autocast"
        case .fp32: "32 bits"
        }
    }
}
