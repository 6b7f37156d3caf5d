extension EncoderPreset {
    /// One line for each encoder that people use; facts are those of its card, of its makers' code, or of programs
    /// that use it.
    public static let all: [EncoderPreset] = pathology + visionLanguage + general

    typealias Terms = (licence: String, isCommercial: Bool)
    static let byNCND: Terms = ("CC-BY-NC-ND-4.0", false)
    static let apache: Terms = ("Apache-2.0", true)
    static let mit: Terms = ("MIT", true)
    static let owkin: Terms = ("Owkin non-commercial licence", false)
    static let kaiko: Terms = ("Kaiko Non-Commercial Public License", false)
    static let lunit: Terms = ("Lunit non-commercial licence", false)

    static let timm = Proof.library("timm")
    static let transformers = Proof.library("transformers")
    static let dinov2 = Proof.library("dinov2")
}
