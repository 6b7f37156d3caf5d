public import Records

/// The numbers that a neural encoder computes in; features are fp32 in files whichever it is.
public enum Precision: String, ConfigChoice {
    /// bf16 where the processor or the CUDA device multiplies in it, else fp32; always fp32 for TorchScript.
    case auto
    case bf16, fp32
}
