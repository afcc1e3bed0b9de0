// One process per slide, and one for the table of all. Not tested: Nextflow is not in Debian.
//
//   nextflow run docs/examples/nextflow/cohort.nf --slides 'slides/*.svs' --pipeline detect.yaml --out OUT --store STORE -resume
params.slides = 'slides/*.svs'
params.pipeline = 'pipelines/detect/detect.yaml'
params.out = 'out/cohort'
params.store = '.mitoloom/store'

process slide {
    cpus 2
    memory '3 GB'
    maxRetries 2
    errorStrategy { task.exitStatus == 75 || task.exitStatus > 128 ? 'retry' : 'ignore' } // 75: try again; else its state.json says why

    input:
    path image, stageAs: 'input/*'

    output:
    val true

    script:
    """
    mitoloom run ${file(params.pipeline)} --set 'slide=${image}' --out '${file(params.out)}/${image.baseName}' \
        --store '${file(params.store)}' -j ${task.cpus} --progress plain
    """
}

process table {
    input:
    val done

    script:
    "mitoloom cohort table '${file(params.out)}'"
}

workflow {
    slide(Channel.fromPath(params.slides)).collect() | table
}
